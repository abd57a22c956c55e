import { z } from 'zod'
import { api, type ServiceDetail, serviceDefinition } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { mayUse } from '../../fhir/index.ts'
import { type CallContext, type Route, route } from '../../kernel/index.ts'
import { checkService, eligibleFor, type StoredService, versionId } from '../../scheduling/index.ts'
import { levelsAt } from '../../work/index.ts'
import { type DeskDependencies, iso } from '../desk.ts'
import { refuse } from '../errors.ts'
import { applicantOf } from './applicant.ts'
import { serviceAround } from './around.ts'
import { type Asking, nextOffered, offeredIn, opensAt } from './offered.ts'

const service = z.string().regex(/^[a-z][a-z0-9-]{0,47}$/)
const number = z.coerce.number().int().min(1).max(100_000)
const stored = z.number().int().positive()
const nothing = { nothing: 'the house’s own services and people, no patient' }

/** The service menu: what the house offers, where, and who could do it; read, edited and published. */
export function serviceRoutes(dependencies: DeskDependencies): Route[] {
  const { database, record, library, menu, routing } = dependencies
  const { ontology } = routing
  const titleOf = (list: readonly { id: string; title: { en: string; fr: string } }[], id: string) => ({
    id,
    title: list.find((one) => one.id === id)?.title ?? { en: id, fr: id },
  })

  async function askingAt(tx: Tx, context: CallContext, at: string | undefined): Promise<Asking> {
    const moment = at === undefined ? context.clock.now() : Date.parse(at)
    return {
      ontology,
      calendar: library.calendar,
      team: await routing.team(tx, moment),
      at: moment,
      locale: context.locale,
    }
  }

  async function detailOf(tx: Tx, context: CallContext, one: StoredService): Promise<ServiceDetail> {
    const around = await serviceAround(tx, dependencies, context.clock.now())
    const id = versionId(one.id, one.version)
    const versions = await menu.versions(tx, one.id)
    const live = versions.find(({ status }) => status === 'active')
    const kinds = one.definition.needs.map(({ kind }) => kind)
    return {
      id: one.id,
      version: one.version,
      status: one.status,
      stored: one.stored,
      definition: one.definition,
      findings: checkService(one.definition, around),
      versions: versions.map(({ version, status, date }) => ({
        version,
        status,
        date: date === undefined ? null : iso(Date.parse(date)),
      })),
      resources: [
        ...(live?.version === one.version ? [`HealthcareService/${one.id}`] : []),
        `ActivityDefinition/${id}`,
        `ChargeItemDefinition/${id}`,
      ],
      levels: levelsAt(await routing.levels.recent(tx, context.clock.now()), context.clock.now())
        .filter(
          ({ for: wanted }) =>
            wanted.services?.includes(one.id) === true ||
            wanted.pathways?.some((pathway) => one.definition.pathways.includes(pathway)) === true ||
            (wanted.services === undefined &&
              wanted.pathways === undefined &&
              wanted.kinds?.some((kind) => kinds.includes(kind)) === true),
        )
        .map(({ id, title, goal, calendar }) => ({
          id,
          title,
          minutes: goal / 60_000,
          calendar: calendar === undefined ? 'always' : 'hours',
        })),
    }
  }

  const change = (
    name: 'publish' | 'retire',
    summary: string,
    act: (
      tx: Tx,
      context: CallContext,
      asked: { service: string; version: number; stored: number },
    ) => Promise<StoredService>,
  ) =>
    route({
      method: 'POST',
      path: `/api/services/:id/versions/:version/${name}`,
      summary,
      access: { permission: 'pathways.publish' },
      style: 'api',
      audits: [`service-${name}`],
      params: z.object({ id: service, version: number }),
      body: z.object({ stored }),
      reply: api.serviceDetail,
      handle: (context, { params, body }) =>
        database.transaction(context.tenant, async (tx) => {
          const one = await act(tx, context, { service: params.id, version: params.version, stored: body.stored })
          await dependencies.audit(tx, context, [
            { action: 'U', code: `service-${name}`, entities: [`HealthcareService/${one.id}`] },
          ])
          return { body: await detailOf(tx, context, one) }
        }),
    })

  return [
    route({
      method: 'GET',
      path: '/api/services',
      summary: 'The service menu',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: nothing,
      reply: api.serviceList,
      handle: (context) =>
        database.reading(context.tenant, async (tx) => {
          const all = await menu.versions(tx)
          const items = [...new Set(all.map(({ id }) => id))].flatMap((id) => {
            const versions = all.filter((one) => one.id === id)
            const live = versions.find(({ status }) => status === 'active')
            const shown = live ?? versions[0]
            if (!shown) return []
            const { title, minutes, modes, needs, pathways, in: jurisdictions } = shown.definition
            return [
              {
                id,
                title,
                minutes,
                modes,
                jurisdictions,
                needs: needs.map(({ kind }) => titleOf(ontology.kinds, kind)),
                pathways,
                live: live?.version ?? null,
                draft: versions.find(({ status }) => status === 'draft')?.version ?? null,
              },
            ]
          })
          return { body: { items: items.toSorted((a, b) => a.title.en.localeCompare(b.title.en)) } }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/services/choices',
      summary: 'What a service may name',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: nothing,
      reply: api.serviceChoices,
      handle: (context) =>
        database.reading(context.tenant, async (tx) => {
          const { forms, named } = await serviceAround(tx, dependencies, context.clock.now())
          return {
            body: {
              kinds: ontology.kinds.map(({ id, title }) => ({ id, title })),
              jurisdictions: [...ontology.places],
              forms: forms.filter((form) => !form.includes('|')),
              ...named,
            },
          }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/services/offered',
      summary: 'Which services can be had in a state or province at a moment, and when the others can be had next',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: nothing,
      query: z.object({ jurisdiction: z.string().max(10), at: z.iso.datetime().optional() }),
      reply: api.servicesOffered,
      handle: (context, { query }) =>
        database.reading(context.tenant, async (tx) => {
          if (!ontology.places.some(({ id }) => id === query.jurisdiction))
            throw refuse('unknown-jurisdiction', {
              faults: [{ path: 'jurisdiction', message: `there is no place ${query.jurisdiction}` }],
            })
          const asking = await askingAt(tx, context, query.at)
          const offered = (await menu.live(tx)).filter(({ definition }) => definition.in.includes(query.jurisdiction))
          return {
            body: {
              at: iso(asking.at),
              jurisdiction: titleOf(ontology.places, query.jurisdiction),
              items: offered.map(({ id, definition }) => {
                const next = nextOffered(definition, query.jurisdiction, asking)
                return {
                  id,
                  title: definition.title,
                  minutes: definition.minutes,
                  now: next === asking.at,
                  open: opensAt(definition, library.calendar, asking.at) === asking.at,
                  next: next === undefined ? null : iso(next),
                }
              }),
            },
          }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/services/check',
      summary: 'What the checker says of a service that is being written, and who could do it where',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: nothing,
      body: z.object({ definition: serviceDefinition }),
      reply: api.serviceChecked,
      handle: (context, { body }) =>
        database.reading(context.tenant, async (tx) => {
          const around = await serviceAround(tx, dependencies, context.clock.now())
          const asking = await askingAt(tx, context, undefined)
          const open = opensAt(body.definition, library.calendar, asking.at) === asking.at
          const known = body.definition.in.filter((where) => around.jurisdictions.includes(where))
          return {
            body: {
              findings: checkService(body.definition, around),
              items: known.map((where) => offeredIn(body.definition, where, open, asking)),
            },
          }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/services/:id',
      summary: 'A version of a service: the live one, or the newest, or the one that is asked for',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: nothing,
      params: z.object({ id: service }),
      query: z.object({ version: number.optional() }),
      reply: api.serviceDetail,
      handle: (context, { params, query }) =>
        database.reading(context.tenant, async (tx) => ({
          body: await detailOf(tx, context, await shownVersion(tx, params.id, query.version)),
        })),
    }),
    route({
      method: 'GET',
      path: '/api/services/:id/offered',
      summary: 'Where a service is offered at a moment, by whom, and what would help where nobody can do it',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: nothing,
      params: z.object({ id: service }),
      query: z.object({ version: number.optional(), at: z.iso.datetime().optional() }),
      reply: api.serviceOffered,
      handle: (context, { params, query }) =>
        database.reading(context.tenant, async (tx) => {
          const { definition } = await shownVersion(tx, params.id, query.version)
          const asking = await askingAt(tx, context, query.at)
          const opens = opensAt(definition, library.calendar, asking.at)
          const open = opens === asking.at
          return {
            body: {
              at: iso(asking.at),
              open,
              opens: open || opens === undefined ? null : iso(opens),
              items: definition.in.map((where) => offeredIn(definition, where, open, asking)),
            },
          }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/services/:id/eligible',
      summary: 'Whether a patient may have a service, by its rule',
      access: { permission: 'record.read' },
      style: 'api',
      audits: ['service-eligible'],
      params: z.object({ id: service }),
      query: z.object({ patient: z.string().regex(/^[A-Za-z0-9.-]{1,64}$/) }),
      reply: api.serviceEligible,
      handle: (context, { params, query }) =>
        database.transaction(context.tenant, async (tx) => {
          const { definition } = await shownVersion(tx, params.id, undefined)
          const reference = `Patient/${query.patient}`
          const open = await mayUse(tx, await dependencies.sight(tx, context), 'read', reference)
          const patient = open ? await record.read(tx, reference) : undefined
          if (patient?.resourceType !== 'Patient')
            throw refuse('patient-not-found', { faults: [{ path: 'patient', message: 'no patient has this id' }] })
          const { eligible, unknown } = eligibleFor(
            definition.eligibility,
            await applicantOf(tx, { record, ontology }, patient, context.clock.now()),
          )
          await dependencies.audit(tx, context, [{ action: 'R', code: 'service-eligible', entities: [reference] }])
          return { body: { eligible: eligible ?? null, unknown: [...unknown] } }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/services',
      summary: 'Begin a draft: of a new service, or the next version of one',
      access: { permission: 'pathways.write' },
      style: 'api',
      audits: ['service-drafted'],
      body: z.object({ definition: serviceDefinition }),
      reply: api.serviceDetail,
      handle: (context, { body }) =>
        database.transaction(context.tenant, async (tx) => {
          const one = await menu.draft(tx, context, body.definition)
          await dependencies.audit(tx, context, [
            {
              action: 'C',
              code: 'service-drafted',
              entities: [`ActivityDefinition/${versionId(one.id, one.version)}`],
            },
          ])
          return { status: 201, body: await detailOf(tx, context, one) }
        }),
    }),
    route({
      method: 'PUT',
      path: '/api/services/:id/versions/:version',
      summary: 'Keep a draft as it is now',
      access: { permission: 'pathways.write' },
      style: 'api',
      audits: ['service-drafted'],
      params: z.object({ id: service, version: number }),
      body: z.object({ definition: serviceDefinition, stored }),
      reply: api.serviceDetail,
      handle: (context, { params, body }) =>
        database.transaction(context.tenant, async (tx) => {
          const one = await menu.draft(
            tx,
            context,
            // A service keeps its name.
            { ...body.definition, service: params.id },
            { version: params.version, stored: body.stored },
          )
          await dependencies.audit(tx, context, [
            {
              action: 'U',
              code: 'service-drafted',
              entities: [`ActivityDefinition/${versionId(one.id, one.version)}`],
            },
          ])
          return { body: await detailOf(tx, context, one) }
        }),
    }),
    change(
      'publish',
      'Publish a draft: it never changes again, and the version before it is retired',
      async (tx, context, asked) =>
        menu.publish(tx, context, asked, await serviceAround(tx, dependencies, context.clock.now())),
    ),
    change('retire', 'Take a service off the menu', (tx, context, asked) => menu.retire(tx, context, asked)),
  ]

  async function shownVersion(tx: Tx, id: string, version: number | undefined): Promise<StoredService> {
    if (version !== undefined) return menu.version(tx, id, version)
    const versions = await menu.versions(tx, id)
    const shown = versions.find(({ status }) => status === 'active') ?? versions[0]
    return shown ?? menu.version(tx, id, 1)
  }
}
