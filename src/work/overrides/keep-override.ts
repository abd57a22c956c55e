import type { Task } from '@medplum/fhirtypes'
import type { OverrideKind, OverrideReason } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import { versionOfJourney } from '../../journeys/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'
import { concept, journeyOf, roleOf, words } from '../task-words.ts'

/** Why somebody did otherwise, as a code, and what it cost them. */
export interface Cause {
  code?: OverrideReason | undefined
  /** Minutes. */
  lost?: number | undefined
}

interface Override extends Cause {
  kind: OverrideKind
  task?: string | undefined
  journey?: string | undefined
  step?: string | undefined
  role?: string | undefined
}

/** Keeps that somebody did otherwise, with the version of the pathway by which the journey runs now. No words: those are the record's. */
export async function keepOverride(tx: Tx, context: CallContext, one: Override): Promise<void> {
  const on = one.journey === undefined ? undefined : await versionOfJourney(tx, one.journey)
  await tx.run({
    name: 'keep-override',
    text: `insert into work_override (tenant_id, id, at, kind, reason, minutes, task, journey, pathway, version, step, role, actor)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    values: [
      tx.tenant,
      newId(context.clock),
      new Date(context.clock.now()),
      one.kind,
      one.code ?? 'other',
      one.lost ?? null,
      one.task ?? null,
      one.journey ?? null,
      on?.pathway ?? null,
      on?.version ?? null,
      one.step ?? null,
      one.role ?? null,
      context.actor.reference ?? `${context.actor.kind}/${context.actor.id}`,
    ],
  })
}

/** As `keepOverride`, of a Task. */
export const keepTaskOverride = (
  tx: Tx,
  context: CallContext,
  task: Task & { id: string },
  kind: OverrideKind,
  cause: Cause,
): Promise<void> =>
  keepOverride(tx, context, {
    ...cause,
    kind,
    task: task.id,
    journey: journeyOf(task),
    step: stepOf(task),
    role: roleOf(task),
  })

const stepOf = (task: Task): string | undefined =>
  task.code?.coding?.find(({ system }) => system === words.step)?.code?.split('/')[1]

/**
 * "I did this outside the system", of a journey: a completed Task in the record tells it, so that any FHIR client reads it,
 * and the override is kept with its step and version.
 */
export async function noteOffSystem(
  tx: Tx,
  context: CallContext,
  record: FhirRecord,
  told: Cause & { journey: string; subject: string; step?: string | undefined; text: string },
): Promise<Task & { id: string }> {
  const at = new Date(context.clock.now()).toISOString()
  const on = await versionOfJourney(tx, told.journey)
  const who = {
    display: context.actor.name,
    ...(context.actor.reference === undefined ? {} : { reference: context.actor.reference }),
  }
  const task: Task & { id: string } = {
    resourceType: 'Task',
    id: newId(context.clock),
    status: 'completed',
    intent: 'order',
    groupIdentifier: { system: words.journey, value: told.journey },
    code: { coding: [{ system: words.override, code: 'off-system' }], text: 'Done outside the system' },
    statusReason: { ...concept(words.overrideReason, told.code ?? 'other'), text: told.text },
    for: { reference: told.subject },
    authoredOn: at,
    lastModified: at,
    executionPeriod: { end: at },
    owner: who,
    ...(told.step === undefined || on === undefined
      ? {}
      : { reasonCode: concept(words.step, `${on.pathway}/${told.step}`) }),
  }
  await record.write(tx, context, [{ interaction: 'create', resource: task }])
  await keepOverride(tx, context, {
    ...told,
    kind: 'off-system',
    task: task.id,
  })
  return task
}
