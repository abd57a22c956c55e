import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import type { JobRequest } from '../../jobs/index.ts'
import type { AskedEffect, Performer } from '../../journeys/index.ts'
import type { PublishedAutomations } from '../automation/published.ts'
import { stableFraction } from '../cohort.ts'
import { armOf, runningRollouts } from '../rollouts/rollouts.ts'
import { coveragesOf, groupsOf, lagOf } from './groups.ts'
import { hashOf, takeSnapshot } from './snapshot.ts'

export const decideJob = 'automation-decide'

type AskedDecide = AskedEffect<Extract<AskedEffect['effect'], { kind: 'decide' }>>

/**
 * Performs `decide` steps: takes down what the automation goes by, in the transaction that moves the journey, and has it
 * think in a job. Nothing takes effect here: that waits until its authority is read.
 */
export function createDecidePerformer(record: FhirRecord, automations: PublishedAutomations): Performer {
  return {
    kinds: ['decide', 'cancel'],
    async perform(tx, context, asked) {
      const deciding: AskedDecide[] = []
      const gone: string[] = []
      for (const one of asked) {
        const { effect, pathway } = one
        if (effect.kind === 'decide') deciding.push({ ...one, effect })
        else if (effect.kind === 'cancel' && pathway.steps[effect.step]?.step.decide) gone.push(effect.resource)
      }
      const jobs = deciding.length > 0 ? await ask(tx, { record, automations }, deciding, context.clock.now()) : []
      if (gone.length > 0)
        await tx.run({
          text: `update automation_decision set status = 'withdrawn', settled_at = coalesce(settled_at, $3)
                 where tenant_id = $1 and id = any($2) and status in ('waiting', 'proposed', 'handed')`,
          values: [tx.tenant, gone, new Date(context.clock.now())],
        })
      return { writes: [], jobs }
    },
  }
}

async function ask(
  tx: Tx,
  { record, automations }: { record: FhirRecord; automations: PublishedAutomations },
  asked: readonly AskedDecide[],
  now: number,
): Promise<JobRequest[]> {
  const heads = new Map(
    (
      await tx.query<{ id: string; active: number; candidate: number | null; holdout: number }>({
        text: 'select id, active_version as active, candidate_version as candidate, holdout from automation where tenant_id = $1 and id = any($2)',
        values: [tx.tenant, [...new Set(asked.map(({ effect }) => effect.automation))]],
      })
    ).map((head) => [head.id, head]),
  )
  const known = await record.readMany(tx, [...new Set(asked.flatMap(({ state }) => [state.trigger, state.subject]))])
  const rollouts = await runningRollouts(tx, [...heads.keys()])
  const coverages = await coveragesOf(tx, record, [...new Set(asked.map(({ state }) => state.subject))])
  const rows: ({ id: string } & Record<string, unknown>)[] = []
  for (const { effect, state, pathway } of asked) {
    const head = heads.get(effect.automation)
    // The checker lets nothing be published that is not here, and automations are never deleted: without one the step's own time limit answers.
    if (!head) continue
    const step = `${pathway.id}/${effect.step}`
    const snapshot = async (version: number) =>
      takeSnapshot(tx, record, await automations.version(tx, head.id, version), { state, step, now, known })
    const first = await snapshot(head.active)
    const { circumstances } = first
    const rollout = rollouts.get(head.id)
    const arm = rollout ? await armOf(tx, rollout, state.subject, circumstances) : 'outside'
    const version = rollout && arm === 'canary' ? rollout.version : head.active
    const { inputs } = version === head.active ? first : await snapshot(version)
    // By a stable hash, so that a patient stays on one side; a release that runs has its own arms.
    const heldOut = arm === 'outside' && stableFraction(`holdout ${head.id}\n${state.subject}`) < head.holdout
    rows.push({
      id: effect.key,
      automation: head.id,
      version,
      candidate: head.candidate === version ? null : head.candidate,
      rollout: arm === 'outside' ? null : rollout?.id,
      ceiling: rollout && arm === 'control' ? rollout.controls : heldOut ? 'shadow' : null,
      held_out: heldOut,
      groups: groupsOf({
        patient: known.get(state.subject),
        coverage: coverages.get(state.subject),
        given: circumstances,
        now,
      }),
      lag_seconds: lagOf(known.get(state.trigger), now),
      journey: state.journey,
      step,
      patient: state.subject,
      trigger: state.trigger,
      asked_at: new Date(now).toISOString(),
      circumstances,
      gives: effect.gives,
      inputs,
      inputs_hash: hashOf(inputs),
      status: 'waiting',
    })
  }
  if (rows.length > 0)
    await tx.run({
      text: `insert into automation_decision (tenant_id, id, automation, version, candidate, rollout, ceiling, journey, step, patient, trigger, asked_at, circumstances, gives, inputs, inputs_hash, status, held_out, groups, lag_seconds)
             select $1, id, automation, version, candidate, rollout, ceiling, journey, step, patient, trigger, asked_at, circumstances, gives, inputs, inputs_hash, status, held_out, groups, lag_seconds
             from jsonb_to_recordset($2::jsonb) as t (id text, automation text, version int, candidate int, rollout text, ceiling text, journey text, step text, patient text, trigger text,
               asked_at timestamptz, circumstances jsonb, gives text[], inputs jsonb, inputs_hash text, status text, held_out boolean, groups jsonb, lag_seconds int)
             on conflict do nothing`,
      values: [tx.tenant, JSON.stringify(rows)],
    })
  return rows.map((row) => ({ kind: decideJob, key: `decide ${row.id}`, payload: { decision: row.id } }))
}
