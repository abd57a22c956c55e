import type { Questionnaire } from '@medplum/fhirtypes'
import { z } from 'zod'
import { api, type FormVersion } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { bothOf, checkQuestionnaire } from '../../forms/index.ts'
import { liveVersions } from '../../journeys/index.ts'
import { type CallContext, newId, type Route, route } from '../../kernel/index.ts'
import { stepsOf } from '../../pathways/index.ts'
import type { DeskDependencies } from '../desk.ts'
import { refuse } from '../errors.ts'
import { versionsOf } from './canonical.ts'
import { publishForm, refuseInReview } from './publish-form.ts'
import { refuseOwnForm, whyNotPublishForm, writerOf, writtenBy } from './second-person.ts'

const params = z.object({ id: z.string().regex(/^[A-Za-z0-9.-]{1,64}$/) })
const questionnaire = z.looseObject({ resourceType: z.literal('Questionnaire'), url: z.url().max(200) })

/** Forms and their versions: a draft is written, checked and published; from then on it stays as it is. */
export function formRoutes(dependencies: DeskDependencies): Route[] {
  const { database, pathways } = dependencies
  return [
    route({
      method: 'GET',
      path: '/api/forms',
      summary: 'Forms, their versions, and who asks for them',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: { nothing: 'forms without answers, and no patient' },
      reply: api.formList,
      handle: (context) =>
        database.transaction(context.tenant, async (tx) => {
          const all = await allForms(tx, dependencies)
          const live = liveVersions(await pathways.live(tx))
          const items = [...new Set(all.map((one) => one.url ?? ''))].map((url) => {
            const versions = all.filter((one) => one.url === url)
            const shown = versions.find((one) => one.status === 'active') ?? versions[0]
            return {
              url,
              title: shown ? titleOf(shown) : { en: url, fr: url },
              versions: versions.map((one) => ({
                id: one.id ?? '',
                version: one.version ?? '',
                status: one.status,
                date: one.date ?? null,
              })),
              usedBy: [...new Map(live.map((pathway) => [pathway.id, pathway.definition])).values()].flatMap(
                (definition) =>
                  stepsOf(definition).some(({ step }) => step.form?.questionnaire.split('|')[0] === url)
                    ? [{ pathway: definition.pathway, title: definition.title }]
                    : [],
              ),
            }
          })
          return { body: { items: items.toSorted((a, b) => a.title.en.localeCompare(b.title.en)) } }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/forms/:id',
      summary: 'A version of a form, and what its checker says',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: { nothing: 'a form without answers, and no patient' },
      params,
      reply: api.formVersion,
      handle: (context, request) =>
        database.transaction(context.tenant, async (tx) => ({
          body: versionView(context, await needForm(tx, dependencies, request.params.id)),
        })),
    }),
    route({
      method: 'POST',
      path: '/api/forms',
      summary: 'Begin a draft: of a new form, or the next version of one',
      access: { permission: 'pathways.write' },
      style: 'api',
      audits: ['form-drafted'],
      body: z.object({ questionnaire }),
      reply: api.formVersion,
      handle: (context, { body }) =>
        database.transaction(context.tenant, async (tx) => {
          const draft = await writeDraft(tx, dependencies, context, newId(context.clock), body.questionnaire)
          await dependencies.audit(tx, context, [
            { action: 'C', code: 'form-drafted', entities: [`Questionnaire/${draft.id}`] },
          ])
          return { status: 201, body: versionView(context, draft) }
        }),
    }),
    route({
      method: 'PUT',
      path: '/api/forms/:id',
      summary: 'Keep a draft as it is now',
      access: { permission: 'pathways.write' },
      style: 'api',
      audits: ['form-drafted'],
      params,
      body: z.object({ questionnaire, stored: z.number().int() }),
      reply: api.formVersion,
      handle: (context, { params: { id }, body }) =>
        database.transaction(context.tenant, async (tx) => {
          const known = await needForm(tx, dependencies, id)
          if (known.status !== 'draft') throw frozen(known)
          needSeen(known, body.stored)
          await refuseInReview(tx, known)
          const draft = await writeDraft(tx, dependencies, context, id, body.questionnaire, known)
          await dependencies.audit(tx, context, [
            { action: 'U', code: 'form-drafted', entities: [`Questionnaire/${id}`] },
          ])
          return { body: versionView(context, draft) }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/forms/:id/publish',
      summary: 'Publish a draft: it never changes again, and the version before it is retired. Not its last writer',
      access: { permission: 'pathways.publish' },
      style: 'api',
      audits: ['form-published'],
      params,
      body: z.object({ stored: z.number().int() }),
      reply: api.formVersion,
      handle: (context, { params: { id }, body }) =>
        database.transaction(context.tenant, async (tx) => {
          const draft = await needForm(tx, dependencies, id)
          if (draft.status !== 'draft') throw frozen(draft)
          needSeen(draft, body.stored)
          refuseOwnForm(context, draft)
          return { body: versionView(context, await publishForm(tx, context, dependencies, draft)) }
        }),
    }),
  ]
}

const titleOf = (one: Questionnaire) => bothOf(one, 'title', one.language)
const frozen = (one: Questionnaire) =>
  refuse('form-frozen', { faults: [{ path: 'status', message: `is ${one.status}` }] })

/** All versions of all forms that have a name, the newest first. */
export async function allForms(tx: Tx, { record }: Pick<DeskDependencies, 'record'>): Promise<Questionnaire[]> {
  const found: Questionnaire[] = []
  let next: string | undefined
  do {
    const query = new URLSearchParams({ _count: '200', ...(next === undefined ? {} : { _cursor: next }) })
    const page = await record.search(tx, 'Questionnaire', query)
    for (const one of page.resources) if (one.resourceType === 'Questionnaire' && one.url !== undefined) found.push(one)
    next = page.next
  } while (next !== undefined)
  return found.toSorted(
    (a, b) => Number(b.version) - Number(a.version) || (b.version ?? '').localeCompare(a.version ?? ''),
  )
}

async function needForm(tx: Tx, { record }: DeskDependencies, id: string): Promise<Questionnaire> {
  const found = await record.read(tx, `Questionnaire/${id}`)
  if (found?.resourceType !== 'Questionnaire')
    throw refuse('form-not-found', { faults: [{ path: 'id', message: 'no form has this id' }] })
  return found
}

function needSeen(known: Questionnaire, seen: number): void {
  if (Number(known.meta?.versionId) !== seen)
    throw refuse('form-changed', { faults: [{ path: 'stored', message: `is ${known.meta?.versionId} now` }] })
}

/** A draft keeps its url and gets the next free number as its version, once. */
async function writeDraft(
  tx: Tx,
  { record }: DeskDependencies,
  context: CallContext,
  id: string,
  given: z.infer<typeof questionnaire>,
  known?: Questionnaire,
): Promise<Questionnaire> {
  const url = known?.url ?? given.url
  // Two who begin a version of one form at the same moment get one number each.
  await tx.run({ text: 'select pg_advisory_xact_lock(hashtext($1))', values: [`${tx.tenant} ${url}`] })
  const numbers = known ? [] : (await versionsOf(tx, record, url)).map(({ version }) => Number(version) || 0)
  const draft = {
    ...given,
    id,
    url,
    version: known?.version ?? String(Math.max(0, ...numbers) + 1),
    status: 'draft',
    date: new Date(context.clock.now()).toISOString(),
  } as unknown as Questionnaire & { id: string }
  delete draft.meta
  const resource = writtenBy(draft, context, Number(known?.meta?.versionId ?? 0) + 1)
  const [written] = await record.write(tx, context, [{ interaction: known ? 'update' : 'create', resource }])
  return written?.resource?.resourceType === 'Questionnaire' ? written.resource : draft
}

const versionView = (context: CallContext, one: Questionnaire): FormVersion => ({
  id: one.id ?? '',
  url: one.url ?? '',
  version: one.version ?? '',
  status: one.status,
  stored: Number(one.meta?.versionId ?? 1),
  questionnaire: { ...one },
  publish: one.status === 'draft' ? (whyNotPublishForm(context, one) ?? true) : 'form-frozen',
  lastWriter: writerOf(one)?.name ?? null,
  findings: checkQuestionnaire(one),
})
