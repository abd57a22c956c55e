import type { Tx } from '../db/index.ts'
import type { TypeTable } from '../expressions/index.ts'
import type { Projection } from '../fhir/index.ts'
import type { JobHandler } from '../jobs/index.ts'
import type { Performer } from '../journeys/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { createPublishedAutomations, promote, type PublishedAutomations } from './automation/published.ts'
import { readDecision } from './decisions/decision-rows.ts'
import { createDecidePerformer } from './decisions/perform-decide.ts'
import { answersProjection } from './decisions/project-answers.ts'
import { createDecideHandler, type SettleDependencies, thinkByDefinition } from './decisions/settle.ts'
import { refuse } from './errors.ts'
import { lockHead } from './ladder/standings.ts'
import { createFlags, type FlagStore, storedFlags } from './flags/flags.ts'
import { outcomesOf } from './learning/outcomes.ts'
import { train } from './learning/train.ts'
import type { HazardFile } from './safety/hazards.ts'
import { keepReleaseNote } from './safety/release-notes.ts'
import { createDrillHandler, startDrill } from './runbooks/drills.ts'
import { createWatchHandler } from './watching/watch-handler.ts'
import { createLookHandler } from './rollouts/look-handler.ts'
import {
  type Acting,
  concludeRollout,
  endRollout,
  lockRollout,
  startRollout,
  tellRollout,
} from './rollouts/rollouts.ts'
import { type EvidenceAsked, makeEvidence } from './ladder/evidence-rows.ts'
import { askRise, dropRise, signRise } from './ladder/rises.ts'
import { type Stop, stop, type StopDependencies, type Stopped } from './stopping/stop.ts'

export interface ReleaseOptions
  extends Omit<SettleDependencies, 'automations' | 'think' | 'flag' | 'textEndpoint'>,
    Omit<StopDependencies, 'automations'> {
  around: { table: TypeTable; roles: readonly string[] }
  /** Where flags are kept, if not in this database. */
  flags?: FlagStore | undefined
  /** Hazards and what holds them, for safety cases. */
  hazards: readonly HazardFile[]
  textEndpoint?: SettleDependencies['textEndpoint']
  /** Another way of thinking, for tests. */
  think?: SettleDependencies['think'] | undefined
}

/** The room as `main` puts it to work. */
export interface Release {
  automations: PublishedAutomations
  performer: Performer
  handlers: readonly JobHandler[]
  ladder: {
    makeEvidence(tx: Tx, context: CallContext, asked: EvidenceAsked): ReturnType<typeof makeEvidence>
    askRise: typeof askRise
    signRise: typeof signRise
    dropRise: typeof dropRise
  }
  /** Fits the next version to the clinic's own cases. */
  train(
    tx: Tx,
    context: CallContext,
    asked: { automation: string; days: number; heldOutDays: number; note: string },
  ): ReturnType<typeof train>
  hazards: readonly HazardFile[]
  startDrill: typeof startDrill
  /** The version that only looked on answers from now on; its safety case is kept as it stands. */
  promote(tx: Tx, context: CallContext, automation: string): Promise<number>
  stop(tx: Tx, context: CallContext, asked: Stop): Promise<Stopped>
  /** Stops it at the site of a decision that should never have been, or everywhere. */
  neverEvent(
    tx: Tx,
    context: CallContext,
    asked: { automation: string; kind: string; decision?: string | undefined; reason: string },
  ): Promise<Stopped>
  rollouts: {
    start: typeof startRollout
    tell(
      tx: Tx,
      context: CallContext,
      asked: { rollout: string; metric: string; units: readonly string[] },
    ): ReturnType<typeof tellRollout>
    /** What it has proven makes its version the one that answers; refused, naming what is missing, until then. */
    promote(tx: Tx, context: CallContext, id: string): Promise<{ automation: string; version: number }>
    end(tx: Tx, context: CallContext, id: string): Promise<void>
  }
}

export const releaseProjection: Projection = answersProjection

export function createRelease(options: ReleaseOptions): Release {
  const automations = createPublishedAutomations(options.around)
  const dependencies = {
    ...options,
    automations,
    think: options.think ?? thinkByDefinition,
    textEndpoint: options.textEndpoint,
    flag: createFlags({ store: options.flags ?? storedFlags, clock: options.clock }),
  }
  const { hazards } = options
  const promoted = async (tx: Tx, context: CallContext, automation: string) => {
    const version = await promote(tx, context, automation)
    await keepReleaseNote(tx, context, hazards, { automation, version, occasion: 'promoted' })
    return version
  }
  const acting: Acting = {
    async stop(tx, context, { rollout, cause, reason }) {
      const { automation, version } = rollout
      const asked = { automation, version, scope: {}, to: 'shadow' as const, cause, reason }
      return (await stop(tx, context, dependencies, asked)).incident
    },
  }
  return {
    automations,
    performer: createDecidePerformer(options.record, automations),
    handlers: [
      createDecideHandler(dependencies),
      createLookHandler({ clock: options.clock, acting }),
      createWatchHandler(options.clock),
      createDrillHandler({ record: options.record, clock: options.clock }),
    ],
    async neverEvent(tx, context, { automation, kind, decision, reason }) {
      const found = decision === undefined ? undefined : await readDecision(tx, decision, '')
      if (decision !== undefined && found?.automation !== automation) throw refuse('decision-not-found')
      const site = found?.circumstances.site
      return stop(tx, context, dependencies, {
        automation,
        scope: site === undefined ? {} : { site },
        to: 'shadow',
        cause: 'hard-stop',
        reason: `${kind}: ${reason}`,
      })
    },
    rollouts: {
      start: startRollout,
      tell: (tx, context, asked) => tellRollout(tx, context, acting, asked),
      async promote(tx, context, id) {
        const { automation, version } = await concludeRollout(tx, context, id)
        const head = await lockHead(tx, automation, 'update')
        if (head.candidate === version) await promoted(tx, context, automation)
        return { automation, version }
      },
      async end(tx, context, id) {
        const rollout = await lockRollout(tx, id)
        if (rollout.status !== 'running') throw refuse('rollout-ended')
        await endRollout(tx, context, rollout, { status: 'ended' })
      },
    },
    ladder: {
      async makeEvidence(tx, context, asked) {
        const version = await automations.version(tx, asked.automation, asked.version)
        return makeEvidence(tx, context, {
          ...asked,
          definition: version.definition,
          outcomes: (within, triggers) => outcomesOf(within, options.record, version, triggers),
        })
      },
      askRise,
      async signRise(tx, context, id, side) {
        const signed = await signRise(tx, context, id, side)
        if (signed.risen) await keepReleaseNote(tx, context, hazards, { ...signed, occasion: 'risen' })
        return signed
      },
      dropRise,
    },
    train: (tx, context, asked) => train(tx, context, { record: options.record, automations }, asked),
    hazards,
    startDrill,
    promote: promoted,
    stop: (tx, context, asked) => stop(tx, context, dependencies, asked),
  }
}
