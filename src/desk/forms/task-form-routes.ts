import type { Questionnaire, QuestionnaireResponse, Resource, Task } from '@medplum/fhirtypes'
import { z } from 'zod'
import { api, type TaskForm } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { mayUse, shown } from '../../fhir/index.ts'
import { type CallContext, type Route, route } from '../../kernel/index.ts'
import { actOnTask, formOf, noForm, taskNotFound } from '../../work/index.ts'
import type { DeskDependencies } from '../desk.ts'
import { refuse } from '../errors.ts'
import { workDetail } from '../work-views.ts'
import { canonicalOf, findForm } from './canonical.ts'
import { faultsOf, fillOf } from './check-answers.ts'

const params = z.object({ id: z.string() })
const answers = z.object({
  items: z.array(z.looseObject({ linkId: z.string() })).max(2_000),
  /** Version of the kept answers that the person looked at; null when there were none. */
  seen: z.number().int().nullable(),
})

/** A Task that asks for a form: what to fill in, keeping a draft of it, sending it in, and correcting it later. */
export function taskFormRoutes(dependencies: DeskDependencies): Route[] {
  const { database, record, library } = dependencies
  const roles = library.roles.map((role) => role.id)
  const act = (tx: Tx, context: CallContext, id: string, action: Parameters<typeof actOnTask>[4]) =>
    actOnTask(tx, context, record, id, action, {
      mayManage: dependencies.permitted(context, 'work.manage'),
      roles,
      routing: dependencies.routing,
    })
  const audited = (tx: Tx, context: CallContext, { task, kept }: Asked, action: 'R' | 'U', code: string) =>
    dependencies.audit(tx, context, [
      {
        action,
        code,
        entities: [`Task/${task.id}`, ...(kept ? [`QuestionnaireResponse/${kept.id}`] : []), ...patientOf(task)],
      },
    ])
  return [
    route({
      method: 'GET',
      path: '/api/work/:id/form',
      summary: 'The form that a task asks for, with the answers so far',
      access: { permission: 'work.read' },
      style: 'api',
      audits: ['work-form-read'],
      params,
      reply: api.taskForm,
      handle: (context, request) =>
        database.transaction(context.tenant, async (tx) => {
          const asked = await askedBy(tx, dependencies, context, request.params.id, 'read')
          await audited(tx, context, asked, 'R', 'work-form-read')
          return { body: await formOfTask(tx, dependencies, context, asked) }
        }),
    }),
    route({
      method: 'PUT',
      path: '/api/work/:id/form',
      summary: 'Keep the answers so far; nothing is missing yet',
      access: { permission: 'work.act' },
      style: 'api',
      audits: ['work-form-kept'],
      params,
      body: answers,
      reply: z.object({ stored: z.number() }),
      handle: (context, { params: { id }, body }) =>
        database.transaction(context.tenant, async (tx) => {
          const asked = await askedBy(tx, dependencies, context, id, 'update')
          held(asked.task, context)
          if (asked.kept && asked.kept.status !== 'in-progress') throw refuse('form-changed', changedNow(asked.kept))
          // A draft moves no journey, so nobody is told of it.
          const stored = await keep(tx, dependencies, context, asked, body, 'in-progress', true)
          await audited(tx, context, asked, 'U', 'work-form-kept')
          return { body: { stored: Number(stored.meta?.versionId) } }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/work/:id/form/submit',
      summary: 'Send the answers in: they are checked, and the task is done',
      access: { permission: 'work.act' },
      style: 'api',
      audits: ['work-form-submitted'],
      params,
      body: answers,
      reply: api.workDetail,
      handle: (context, { params: { id }, body }) =>
        database.transaction(context.tenant, async (tx) => {
          const asked = await askedBy(tx, dependencies, context, id, 'update')
          held(asked.task, context)
          const stored = await keep(tx, dependencies, context, asked, body, 'completed', false)
          const task = await act(tx, context, id, { do: 'complete', answers: `QuestionnaireResponse/${stored.id}` })
          await audited(tx, context, asked, 'U', 'work-form-submitted')
          return { body: await workDetail(tx, dependencies, context, task) }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/work/:id/form/amend',
      summary: 'Correct answers that were sent in; what followed from them stays',
      access: { permission: 'work.act' },
      style: 'api',
      audits: ['work-form-amended'],
      params,
      body: answers.extend({ reason: z.string().trim().min(1).max(2_000) }),
      reply: api.workDetail,
      handle: (context, { params: { id }, body }) =>
        database.transaction(context.tenant, async (tx) => {
          const asked = await askedBy(tx, dependencies, context, id, 'update')
          if (asked.kept?.status !== 'completed' && asked.kept?.status !== 'amended')
            throw refuse('form-changed', { faults: [{ path: 'status', message: 'nothing was sent in yet' }] })
          await keep(tx, dependencies, context, asked, body, 'amended', false)
          const task = await act(tx, context, id, { do: 'comment', text: body.reason })
          await audited(tx, context, asked, 'U', 'work-form-amended')
          return { body: await workDetail(tx, dependencies, context, task) }
        }),
    }),
  ]
}

interface Asked {
  task: Task & { id: string }
  questionnaire: Questionnaire
  /** The answers kept so far: their id is the Task's, since a Task has one set of answers. */
  kept: QuestionnaireResponse | undefined
}

const patientOf = (task: Task): string[] => (task.for?.reference ? [task.for.reference] : [])
const changedNow = ({ meta, status }: QuestionnaireResponse) => ({
  faults: [{ path: 'seen', message: `is version ${meta?.versionId} now, ${status}` }],
})

/** A task, the form it asks for, and the answers so far; refused as if it were not there to who may not see it. */
async function askedBy(
  tx: Tx,
  dependencies: DeskDependencies,
  context: CallContext,
  id: string,
  use: 'read' | 'update',
): Promise<Asked> {
  const { record } = dependencies
  const sight = await dependencies.sight(tx, context)
  const place = `Task/${id}`
  const task = (await mayUse(tx, sight, 'read', place)) ? await record.read(tx, place) : undefined
  if (task?.resourceType !== 'Task') throw taskNotFound()
  if (use === 'update' && !(await mayUse(tx, sight, 'update', place)))
    throw refuse('access-denied', { faults: [{ path: place, message: 'may not be changed by you' }] })
  const wanted = formOf(task)
  if (wanted === undefined) throw noForm()
  const found = await record.read(tx, `QuestionnaireResponse/${id}`)
  const kept = found?.resourceType === 'QuestionnaireResponse' ? found : undefined
  if (kept && !(await mayUse(tx, sight, use, `QuestionnaireResponse/${id}`)))
    throw refuse('access-denied', {
      faults: [{ path: `QuestionnaireResponse/${id}`, message: 'may not be used by you' }],
    })
  // Answers stay with the version that they were begun on.
  const questionnaire = await findForm(tx, record, kept?.questionnaire ?? wanted)
  if (!questionnaire)
    throw refuse('form-not-found', {
      faults: [{ path: 'input', message: `${kept?.questionnaire ?? wanted} is not in the record` }],
    })
  return { task: { ...task, id }, questionnaire, kept }
}

/** Answers are of who has taken the task. */
function held(task: Task, { actor }: CallContext): void {
  if (task.owner?.reference === undefined || task.owner.reference !== actor.reference)
    throw refuse('task-not-taken', { faults: [{ path: 'owner', message: task.owner?.display ?? 'nobody yet' }] })
}

/** What the form may look at besides the answers: of the patient, what the caller is shown. */
async function launchOf(
  tx: Tx,
  dependencies: DeskDependencies,
  context: CallContext,
  task: Task,
): Promise<Record<string, Resource>> {
  const reference = task.for?.reference
  const sight = await dependencies.sight(tx, context)
  if (!reference?.startsWith('Patient/') || !(await mayUse(tx, sight, 'read', reference))) return {}
  const patient = await dependencies.record.read(tx, reference)
  return patient ? { patient: JSON.parse(shown(sight, 'Patient', JSON.stringify(patient))) as Resource } : {}
}

async function formOfTask(
  tx: Tx,
  dependencies: DeskDependencies,
  context: CallContext,
  { task, questionnaire, kept }: Asked,
): Promise<TaskForm> {
  const status = kept?.status
  return {
    questionnaire: { ...questionnaire },
    canonical: canonicalOf(questionnaire),
    status: status === 'completed' || status === 'amended' || status === 'in-progress' ? status : 'not-begun',
    items: kept ? (kept.item ?? []).map((item) => ({ ...item })) : null,
    stored: kept ? Number(kept.meta?.versionId) : null,
    launch: Object.fromEntries(
      Object.entries(await launchOf(tx, dependencies, context, task)).map(([name, resource]) => [
        name,
        { ...resource },
      ]),
    ),
  }
}

/** Writes the answers, as the form has them with what it computes; refused if somebody else wrote meanwhile. */
async function keep(
  tx: Tx,
  dependencies: DeskDependencies,
  context: CallContext,
  { task, questionnaire, kept }: Asked,
  { items, seen }: z.infer<typeof answers>,
  status: 'in-progress' | 'completed' | 'amended',
  quiet: boolean,
): Promise<QuestionnaireResponse> {
  if ((kept ? Number(kept.meta?.versionId) : null) !== seen)
    throw refuse(
      'form-changed',
      kept ? changedNow(kept) : { faults: [{ path: 'seen', message: 'nothing is kept yet' }] },
    )
  const response: QuestionnaireResponse & { id: string } = {
    resourceType: 'QuestionnaireResponse',
    id: task.id,
    identifier: { system: 'urn:throughline:task', value: task.id },
    questionnaire: canonicalOf(questionnaire),
    status,
    ...(task.for ? { subject: task.for } : {}),
    authored: new Date(context.clock.now()).toISOString(),
    ...(context.actor.reference === undefined
      ? {}
      : { author: { reference: context.actor.reference, display: context.actor.name } }),
    item: items,
  }
  if (status !== 'in-progress') {
    const launch = await launchOf(tx, dependencies, context, task)
    const filled = await fillOf(
      tx,
      context,
      { record: dependencies.record, zone: dependencies.library.calendar.zone },
      questionnaire,
      response,
      launch,
    )
    const faults = faultsOf(filled, context)
    if (faults.length > 0) throw refuse('answers-refused', { faults: faults.slice(0, 50) })
    response.item = filled.items
  }
  if (response.item?.length === 0) delete response.item
  const [written] = await dependencies.record.write(
    tx,
    context,
    [kept ? { interaction: 'update', resource: response } : { interaction: 'create', resource: response }],
    { quiet },
  )
  return written?.resource?.resourceType === 'QuestionnaireResponse' ? written.resource : response
}
