import type { Patient, ServiceRequest, Task } from '@medplum/fhirtypes'
import { z } from 'zod'
import { api, type ServiceOrder, serviceModes } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { mayUse } from '../../fhir/index.ts'
import { liveVersions } from '../../journeys/index.ts'
import { startFor } from '../../pathways/index.ts'
import { type CallContext, type Fault, newId, type Route, route } from '../../kernel/index.ts'
import { eligibleFor, orderOf, type StoredService } from '../../scheduling/index.ts'
import { couldDo, placeOfPatient, words } from '../../work/index.ts'
import { type DeskDependencies, iso } from '../desk.ts'
import { refuse } from '../errors.ts'
import { applicantOf } from './applicant.ts'
import { serviceAround } from './around.ts'

const patientId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/)
const day = 86_400_000
/** Within which a form is to be filled in. */
const formDue = 3 * day

type Bar = ServiceOrder['bars'][number]
type Title = ServiceOrder['service']['title']

/** Services begun for a patient: which can be, why each other cannot, and the order that begins one. Slots are not booked here. */
export function orderRoutes(dependencies: DeskDependencies): Route[] {
  const { database, record, routing, menu, pathways } = dependencies
  const { ontology } = routing

  return [
    route({
      method: 'GET',
      path: '/api/services/orders',
      summary: 'Which services can be begun for a patient now, and why each other cannot',
      access: { permission: 'record.read' },
      style: 'api',
      audits: ['service-orders'],
      query: z.object({ patient: patientId, service: z.string().max(60).optional() }),
      reply: api.serviceOrders,
      handle: (context, { query }) =>
        database.transaction(context.tenant, async (tx) => {
          const patient = await patientFor(tx, context, query.patient)
          const live = await menu.live(tx)
          const asked = query.service === undefined ? live : live.filter(({ id }) => id === query.service)
          const around = await aroundOf(tx, context, patient)
          await dependencies.audit(tx, context, [
            { action: 'R', code: 'service-orders', entities: [`Patient/${query.patient}`] },
          ])
          return { body: { items: asked.map((one) => viewOf(context, one, around)) } }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/services/:id/orders',
      summary:
        'Begin a service for a patient: its order, that its pathways begin by, and a task for each form that they do not ask for',
      access: { permission: 'record.write' },
      style: 'api',
      audits: ['service-begun'],
      params: z.object({ id: z.string().regex(/^[a-z][a-z0-9-]{0,47}$/) }),
      body: z.object({
        patient: patientId,
        mode: z.enum(serviceModes),
        place: z.string().max(64).optional(),
        note: z.string().trim().min(1).max(1_000).optional(),
      }),
      reply: api.serviceBegun,
      handle: (context, { params, body }) =>
        database.transaction(context.tenant, async (tx) => {
          const patient = await patientFor(tx, context, body.patient)
          const service = (await menu.live(tx)).find(({ id }) => id === params.id)
          if (!service)
            throw refuse('service-not-begun', {
              faults: [{ path: 'id', code: 'not-on-menu', message: `${params.id} is not on the menu` }],
            })
          const around = await aroundOf(tx, context, patient)
          const view = viewOf(context, service, around)
          const faults: Fault[] = view.bars.map(({ code, sentence }) => ({ path: 'id', code, message: sentence }))
          if (!view.modes.includes(body.mode))
            faults.push({ path: 'mode', code: 'not-offered', message: `is not offered by ${body.mode}` })
          if (body.place !== undefined && !view.places.some(({ id }) => id === body.place))
            faults.push({ path: 'place', code: 'not-offered', message: `is not offered at ${body.place}` })
          if (faults.length > 0) throw refuse('service-not-begun', { faults })
          const order = requestFor(context, service, patient, { mode: body.mode, place: body.place, note: body.note })
          const tasks = view.forms.map((form) => formTask(context, service, order, form, around))
          await record.write(tx, context, [
            { interaction: 'create', resource: order },
            ...tasks.map((resource) => ({ interaction: 'create' as const, resource })),
          ])
          const sight = await dependencies.sight(tx, context)
          if (!(await mayUse(tx, sight, 'create', `ServiceRequest/${order.id}`)))
            throw refuse('access-denied', { faults: [{ path: 'patient', message: 'you may not write this' }] })
          await dependencies.audit(tx, context, [
            {
              action: 'C',
              code: 'service-begun',
              entities: [
                `ServiceRequest/${order.id}`,
                `Patient/${body.patient}`,
                ...tasks.map(({ id }) => `Task/${id}`),
              ],
            },
          ])
          return { status: 201, body: { order: `ServiceRequest/${order.id}`, tasks: tasks.map(({ id }) => id) } }
        }),
    }),
  ]

  async function patientFor(tx: Tx, context: CallContext, id: string): Promise<Patient & { id: string }> {
    const open = await mayUse(tx, await dependencies.sight(tx, context), 'read', `Patient/${id}`)
    const patient = open ? await record.read(tx, `Patient/${id}`) : undefined
    if (patient?.resourceType !== 'Patient')
      throw refuse('patient-not-found', { faults: [{ path: 'patient', message: 'no patient has this id' }] })
    return { ...patient, id }
  }

  /** All that the services of a menu are held against, read once. */
  async function aroundOf(tx: Tx, context: CallContext, patient: Patient & { id: string }) {
    const now = context.clock.now()
    const { named } = await serviceAround(tx, dependencies, now)
    const running = await tx.query<{ pathway: string; key: string }>({
      name: 'running-for-patient',
      text: `select pathway, key from journey where tenant_id = $1 and subject = $2 and status = 'active'`,
      values: [tx.tenant, `Patient/${patient.id}`],
    })
    const forms = await record.search(tx, 'Questionnaire', new URLSearchParams({ status: 'active', _count: '1000' }))
    return {
      now,
      patient,
      applicant: await applicantOf(tx, { record, ontology }, patient, now),
      jurisdiction: placeOfPatient(ontology, patient, now),
      team: await routing.team(tx, now),
      running: new Set(running.map(({ pathway, key }) => `${pathway} ${key}`)),
      live: liveVersions(await pathways.live(tx)),
      named,
      forms: forms.resources.flatMap((one) => (one.resourceType === 'Questionnaire' ? [one] : [])),
    }
  }

  function viewOf(
    context: CallContext,
    service: StoredService,
    around: Awaited<ReturnType<typeof aroundOf>>,
  ): ServiceOrder {
    const { definition } = service
    const { jurisdiction, live, named } = around
    const titled = (list: readonly { id: string; title: Title }[], id: string) => ({
      id,
      title: list.find((one) => one.id === id)?.title ?? { en: id, fr: id },
    })
    const texts = live.filter(({ id }) => definition.pathways.includes(id)).map((one) => JSON.stringify(one.definition))
    const bars = barsOf(context, service, around)
    return {
      service: { id: service.id, title: definition.title },
      can: bars.length === 0,
      bars,
      jurisdiction: jurisdiction === undefined ? null : titled(ontology.places, jurisdiction),
      modes: [...definition.modes],
      places: named.places.filter(({ id }) => definition.places.includes(id)),
      pathways: definition.pathways.map((id) => titled(named.pathways, id)),
      forms: definition.forms
        .filter((url) => !texts.some((text) => text.includes(url)))
        .map((url) => ({ url, title: around.forms.find((one) => one.url === url)?.title ?? url })),
    }
  }

  function barsOf(context: CallContext, service: StoredService, around: Awaited<ReturnType<typeof aroundOf>>): Bar[] {
    const { definition } = service
    const { jurisdiction, live, named, team, now, patient } = around
    const { locale } = context
    const bars: Bar[] = []
    const bar = (code: Bar['code'], en: string, fr: string) => bars.push({ code, sentence: locale === 'fr' ? fr : en })
    const { eligible, unknown } = eligibleFor(definition.eligibility, around.applicant)
    if (eligible === false)
      bar(
        'not-eligible',
        `The rule of the service does not hold for them: ${definition.eligibility}.`,
        `La règle du service ne tient pas pour cette personne : ${definition.eligibility}.`,
      )
    if (eligible === undefined)
      bar(
        'eligibility-unknown',
        `The record does not say what the rule asks about: ${unknown.join(', ')}.`,
        `Le dossier ne dit pas ce que demande la règle : ${unknown.join(', ')}.`,
      )
    if (jurisdiction === undefined)
      bar(
        'no-jurisdiction',
        'Their address does not say in which state or province they are.',
        'Leur adresse ne dit pas dans quel État ou quelle province la personne se trouve.',
      )
    else if (!definition.in.includes(jurisdiction)) {
      const { title } = ontology.places.find(({ id }) => id === jurisdiction) ?? {
        title: { en: jurisdiction, fr: jurisdiction },
      }
      bar('not-offered-there', `It is not offered in ${title.en}.`, `Il n’est pas offert en ce lieu : ${title.fr}.`)
    } else
      for (const { kind } of definition.needs) {
        const able = couldDo(ontology, { kind, jurisdiction }, team, { at: now, locale })
        const { title } = ontology.kinds.find(({ id }) => id === kind) ?? { title: { en: kind, fr: kind } }
        if (able.ready.length === 0 && able.next === undefined)
          bar(
            'nobody-may',
            `Nobody who may do it there is at work within two weeks: ${title.en}.`,
            `Personne qui peut le faire là n’est au travail d’ici deux semaines : ${title.fr}.`,
          )
      }
    const order = requestFor(context, service, patient, { mode: definition.modes[0] ?? 'telephone' })
    for (const id of definition.pathways) {
      const title = named.pathways.find((one) => one.id === id)?.title ?? { en: id, fr: id }
      const versions = live.filter((one) => one.id === id)
      const starts = versions.map((one) =>
        startFor(one, { interaction: 'create', resource: order }, order.subject.reference ?? ''),
      )
      if (versions.length === 0)
        bar('pathway-not-live', `${title.en} is not live.`, `${title.fr} n’est pas en vigueur.`)
      else if (starts.includes(undefined)) {
        const paused = versions.some(({ definition: { enrolment } }) => enrolment === 'paused')
        const by = [...new Set(versions.flatMap((one) => one.starts.map(({ on }) => on)))].join(', ')
        if (paused)
          bar('pathway-paused', `${title.en} takes nobody in now.`, `${title.fr} n’admet personne en ce moment.`)
        else
          bar(
            'begins-otherwise',
            `${title.en} does not begin by an order of this service, but by ${by === '' ? 'another pathway' : by}.`,
            `${title.fr} ne commence pas par une demande de ce service, mais par ${by === '' ? 'un autre parcours' : by}.`,
          )
      } else if (starts.some((start) => around.running.has(`${id} ${start?.key}`)))
        bar(
          'already-running',
          `${title.en} is under way for them already.`,
          `${title.fr} est déjà en cours pour cette personne.`,
        )
    }
    return bars
  }

  function requestFor(
    context: CallContext,
    service: StoredService,
    patient: Patient & { id: string },
    { mode, place, note }: { mode: string; place?: string | undefined; note?: string | undefined },
  ): ServiceRequest & { id: string } {
    const { actor, clock } = context
    return orderOf(service, {
      id: newId(clock),
      patient: `Patient/${patient.id}`,
      requester: { display: actor.name, ...(actor.reference === undefined ? {} : { reference: actor.reference }) },
      at: clock.now(),
      mode,
      place,
      note,
    })
  }

  /** Somebody who may do what the service needs has the form filled in. */
  function formTask(
    context: CallContext,
    { definition }: StoredService,
    order: ServiceRequest & { id: string },
    form: ServiceOrder['forms'][number],
    { jurisdiction, team, now }: Awaited<ReturnType<typeof aroundOf>>,
  ): Task & { id: string } {
    const kind = definition.needs[0]?.kind
    const role = kind === undefined || jurisdiction === undefined ? undefined : roleFor({ kind, jurisdiction })
    const title = { en: `${definition.title.en}: ${form.title}`, fr: `${definition.title.fr} : ${form.title}` }
    return {
      resourceType: 'Task',
      id: newId(context.clock),
      extension: [
        {
          url: words.title,
          extension: [
            { url: 'en', valueString: title.en },
            { url: 'fr', valueString: title.fr },
          ],
        },
        ...(jurisdiction === undefined ? [] : [{ url: words.jurisdiction, valueCode: jurisdiction }]),
      ],
      status: 'requested',
      intent: 'order',
      priority: 'routine',
      code: {
        coding: [
          ...(kind === undefined ? [] : [{ system: words.kind, code: kind }]),
          { system: words.service, code: definition.service },
        ],
        text: title.en,
      },
      basedOn: [{ reference: `ServiceRequest/${order.id}` }],
      focus: { reference: `ServiceRequest/${order.id}` },
      for: order.subject,
      authoredOn: iso(now),
      lastModified: iso(now),
      requester: order.requester,
      ...(role === undefined ? {} : { performerType: [{ coding: [{ system: words.role, code: role }] }] }),
      restriction: { period: { end: iso(now + formDue) } },
      input: [{ type: { text: 'questionnaire' }, valueCanonical: form.url }],
    }

    /** The role of most who may do it there. */
    function roleFor(need: { kind: string; jurisdiction: string }): string | undefined {
      const counts = new Map<string, number>()
      for (const { member } of couldDo(ontology, need, team, { at: now, locale: 'en' }).may)
        for (const one of member.roles) counts.set(one, (counts.get(one) ?? 0) + 1)
      return [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0]
    }
  }
}
