import type { Task } from '@medplum/fhirtypes'
import { recordAccess } from '../../audit/index.ts'
import type { Database, Tx } from '../../db/index.ts'
import type { FhirRecord, ResourceWrite } from '../../fhir/index.ts'
import type { JobHandler } from '../../jobs/index.ts'
import { type Actor, type CallContext, type Clock, newId, type TenantId } from '../../kernel/index.ts'
import type { Level } from '../authority.ts'
import type { CompiledAutomation, Output, Silence, Values } from '../automation/compile.ts'
import type { PublishedAutomations } from '../automation/published.ts'
import { lockHead } from '../ladder/standings.ts'
import { type Decision, readDecision, readOpinions } from './decision-rows.ts'
import { type AuthorityDependencies, authorityOf } from './effective-authority.ts'
import { decideJob } from './perform-decide.ts'
import { valuesOf } from './snapshot.ts'
import { askText, type TextEndpoint } from '../text/ask-text.ts'
import { actedText, type Handed, handedText, proposedText, type Words } from './words.ts'

/** How the Task of a `decide` step is made: the work room's, handed in, since rooms of one floor do not call each other. */
export type MakeTask = (asked: {
  id: string
  automation: string
  journey: string
  step: string
  title: Words
  description: Words
  role: string
  patient: string
  trigger: string
  priority: string
  outcomes: readonly { code: string; title: Words }[]
  now: number
  due: number
  proposal?: { code: string; assisted: boolean } | undefined
  answer?: string | undefined
}) => Task & { id: string }

/** Thinks about a case under the role that can write nothing but opinions. Throws when it fails. */
export type Think = (tx: Tx, automation: CompiledAutomation, values: Values) => Promise<Output | { silence: Silence }>

export const thinkByDefinition: Think = async (_tx, automation, values) => automation.answer(values)

export interface SettleDependencies extends AuthorityDependencies {
  database: Database
  /** The same database under the role `throughline_shadow`. */
  shadow: Database
  record: FhirRecord
  automations: PublishedAutomations
  clock: Clock
  makeTask: MakeTask
  think: Think
  /** Where automations that ask a text model ask it; nowhere unless told. */
  textEndpoint: TextEndpoint | undefined
}

/** Whoever acts for an automation. */
export const actorFor = ({ definition }: CompiledAutomation): Actor => ({
  kind: 'engine',
  id: `automation:${definition.automation}`,
  name: definition.title.en,
  roles: [],
})

/**
 * Answers a question in two steps. First every version concerned thinks, each in a transaction of its own under the role
 * that has no way to an effect. Then, in one transaction of the program's own role, its authority is read and what follows
 * from it is written: an answer, a proposal, or a Task for a person who decides alone.
 */
export function createDecideHandler(dependencies: SettleDependencies): JobHandler {
  const { database, clock, automations } = dependencies
  const contextOf = (tenant: TenantId, actor: Actor): CallContext => ({
    tenant,
    actor,
    clock,
    requestId: newId(clock),
    locale: 'en',
  })
  return {
    kind: decideJob,
    tries: 8,
    async perform(tenant, job) {
      const id = String(job.payload['decision'])
      const asked = await database.reading(tenant, (tx) => readDecision(tx, id, ''))
      if (asked?.status !== 'waiting') return async () => {}
      for (const version of [asked.version, ...(asked.candidate === null ? [] : [asked.candidate])])
        await thinkAbout(dependencies, contextOf, tenant, asked, version)
      return async (tx) => {
        await lockHead(tx, asked.automation, 'share')
        const decision = await readDecision(tx, id, 'for update')
        if (decision?.status !== 'waiting') return
        const automation = await automations.version(tx, decision.automation, decision.version)
        await settle(tx, contextOf(tenant, actorFor(automation)), dependencies, decision, automation)
      }
    },
    // Whatever fails eight times: a person decides.
    async givenUp(tx, job) {
      const decision = await readDecision(tx, String(job.payload['decision']), 'for update')
      if (decision?.status !== 'waiting') return
      const automation = await automations.version(tx, decision.automation, decision.version)
      await handOver(tx, contextOf(tx.tenant, actorFor(automation)), dependencies, [
        { decision, automation, handed: 'automation-failed', level: 'off', because: 'standing' },
      ])
    },
  }
}

/** Has one version think, if it may as much as look on, and keeps what it says. A failure of its own is told, and is no answer. */
async function thinkAbout(
  dependencies: SettleDependencies,
  contextOf: (tenant: TenantId, actor: Actor) => CallContext,
  tenant: TenantId,
  asked: Decision,
  version: number,
): Promise<void> {
  const { database, shadow, automations, clock, think } = dependencies
  const looking = await database.reading(tenant, async (tx) => {
    const automation = await automations.version(tx, asked.automation, version)
    const { level } = await authorityOf(tx, dependencies, {
      automation,
      // How sure it is nobody knows yet: a scope that asks for confidence is looked at as if it were.
      given: { ...asked.circumstances, confidence: 1 },
      patient: asked.patient,
      // The control group is looked at too: that is what it is for.
      ceiling: null,
      now: clock.now(),
    })
    return { automation, level }
  })
  if (looking.level === 'off') return
  try {
    // Outside of any transaction: the answer takes its time.
    const told = looking.automation.definition.text
      ? await askText(dependencies.textEndpoint, looking.automation, valuesOf(asked.inputs))
      : undefined
    await shadow.transaction(tenant, async (tx) => {
      const thought = told ?? (await think(tx, looking.automation, valuesOf(asked.inputs)))
      await tx.run({
        name: 'keep-opinion',
        text: `insert into automation_opinion (tenant_id, decision, version, output, silence, at) values ($1, $2, $3, $4, $5, $6)
               on conflict do nothing`,
        values: [
          tenant,
          asked.id,
          version,
          'silence' in thought ? null : JSON.stringify(thought),
          'silence' in thought ? thought.silence : null,
          new Date(clock.now()),
        ],
      })
    })
  } catch (error) {
    // 42501: PostgreSQL refused a write that an automation has no business with.
    const refused = error instanceof Error && 'code' in error && error.code === '42501'
    if (!refused && error instanceof Error && 'code' in error) throw error
    await database.transaction(tenant, (tx) =>
      recordAccess(tx, contextOf(tenant, actorFor(looking.automation)), [
        {
          action: 'E',
          code: refused ? 'automation-write-refused' : 'automation-failed',
          entities: [],
          patients: [asked.patient],
          about: [{ kind: 'automation', id: `${asked.automation}/${version}` }],
          outcome: 'failure',
          reason: refused ? 'insufficient-privilege' : 'automation-failed',
        },
      ]),
    )
  }
}

const because: Readonly<Record<string, Handed>> = {
  flag: 'flag',
  'flag-unreachable': 'flag-unreachable',
  'stale-data': 'stale-data',
  consent: 'consent',
  health: 'health',
  'control-arm': 'control-arm',
  drill: 'drill',
}

async function settle(
  tx: Tx,
  context: CallContext,
  dependencies: SettleDependencies,
  decision: Decision,
  automation: CompiledAutomation,
): Promise<void> {
  const now = context.clock.now()
  const opinion = (await readOpinions(tx, decision.id)).find(({ version }) => version === decision.version)
  const output = opinion?.output ?? undefined
  const authority = await authorityOf(tx, dependencies, {
    automation,
    given: { ...decision.circumstances, confidence: output?.confidence ?? 0 },
    patient: decision.patient,
    ceiling: decision.ceiling,
    now,
  })
  const { level } = authority
  const hand = (handed: Handed) => handOver(tx, context, dependencies, [{ decision, automation, handed, ...authority }])
  if (level === 'off' || level === 'shadow') return hand(because[authority.because] ?? `authority-${level}`)
  if (!output) return hand(opinion?.silence ?? 'automation-failed')
  if (!decision.gives.includes(output.gives)) return hand('answer-unknown-here')
  const alone = level === 'autonomous' || (level === 'bounded' && automation.definition.bounds.includes(output.gives))
  const { definition } = automation
  const task = dependencies.makeTask({
    ...shared(decision, automation, now),
    ...(alone
      ? { description: actedText(definition, output), answer: output.gives }
      : {
          description: proposedText(definition, output),
          // What lies beyond its bounds is put in as a draft too: a person confirms or changes it.
          proposal: { code: output.gives, assisted: level !== 'recommend' },
        }),
  })
  await dependencies.record.write(tx, context, [{ interaction: 'create', resource: task }], { validate: false })
  await tx.run({
    name: 'settle-decision',
    text: `update automation_decision set status = $3, level = $4, because = $5, settled_at = $6, touched_at = $6, answer = $7
           where tenant_id = $1 and id = $2`,
    values: [
      tx.tenant,
      decision.id,
      alone ? 'acted' : 'proposed',
      level,
      authority.because,
      new Date(now),
      alone ? output.gives : null,
    ],
  })
  await recordAccess(tx, context, [
    {
      action: 'E',
      code: alone ? 'automation-acted' : 'automation-proposed',
      entities: [`Task/${decision.id}`],
      patients: [decision.patient],
      about: [{ kind: 'automation', id: `${decision.automation}/${decision.version}` }],
    },
  ])
}

const shared = (decision: Decision, { definition }: CompiledAutomation, now: number) => ({
  id: decision.id,
  automation: decision.automation,
  journey: decision.journey,
  step: decision.step,
  title: definition.fallback.title,
  role: definition.fallback.role,
  patient: decision.patient,
  trigger: decision.trigger,
  priority: decision.circumstances.acuity ?? 'routine',
  outcomes: decision.gives.map((code) => ({
    code,
    title: definition.answers.find((answer) => answer.code === code)?.title ?? { en: code, fr: code },
  })),
  now,
  due: now + definition.fallback.due * 60_000,
})

export interface HandedOver {
  decision: Decision
  automation: CompiledAutomation
  handed: Handed
  level: Level
  because: string
  /** What whoever stopped it wrote. */
  why?: string
}

/** What is answered without asking anybody, where the automation's fallback says so and the step knows that answer. */
const unasked = ({ gives }: Decision, { definition }: CompiledAutomation): string | undefined =>
  gives.find((code) => code === definition.fallback.answer)

const done = new Set(['completed', 'cancelled', 'failed', 'rejected', 'entered-in-error'])

/**
 * Gives questions to people, with the reason and without a proposal: a new Task each, or the one that is there already with
 * its proposal taken out. Who has taken that Task keeps it.
 */
export async function handOver(
  tx: Tx,
  context: CallContext,
  { record, makeTask }: Pick<SettleDependencies, 'record' | 'makeTask'>,
  all: readonly HandedOver[],
): Promise<void> {
  if (all.length === 0) return
  const now = context.clock.now()
  const known = await record.readMany(
    tx,
    all.filter(({ decision }) => decision.status === 'proposed').map(({ decision }) => `Task/${decision.id}`),
  )
  const writes = all.flatMap(({ decision, automation, handed, why }): ResourceWrite[] => {
    const before = known.get(`Task/${decision.id}`)
    const asked = { ...shared(decision, automation, now), description: handedText(handed, why) }
    if (before?.resourceType !== 'Task')
      return [{ interaction: 'create', resource: makeTask({ ...asked, answer: unasked(decision, automation) }) }]
    const fresh = makeTask(asked)
    if (done.has(before.status)) return []
    const { extension, description } = fresh
    const resource = { ...before, id: decision.id, extension, description, lastModified: new Date(now).toISOString() }
    return [{ interaction: 'update', resource }]
  })
  await record.write(tx, context, writes, { validate: false })
  await tx.run({
    name: 'hand-over-decisions',
    text: `update automation_decision d set status = case when g.answer is null then 'handed' else 'answered' end, handed = g.handed,
             level = coalesce(d.level, g.level), because = coalesce(d.because, g.because), settled_at = coalesce(d.settled_at, $6),
             answer = g.answer, answered_at = case when g.answer is not null then $6 end
           from unnest($2::text[], $3::text[], $4::text[], $5::text[], $7::text[]) as g (id, handed, level, because, answer)
           where d.tenant_id = $1 and d.id = g.id`,
    values: [
      tx.tenant,
      all.map(({ decision }) => decision.id),
      all.map(({ handed }) => handed),
      all.map(({ level }) => level),
      all.map((one) => one.because),
      new Date(now),
      all.map(({ decision, automation }) =>
        known.has(`Task/${decision.id}`) ? null : (unasked(decision, automation) ?? null),
      ),
    ],
  })
}
