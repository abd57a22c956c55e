import type { Tx } from '../db/index.ts'
import type { TypeTable } from '../expressions/index.ts'
import type { Projection } from '../fhir/index.ts'
import type { JobHandler } from '../jobs/index.ts'
import type { Performer } from '../journeys/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { createPublishedAutomations, type PublishedAutomations } from './automation/published.ts'
import { createDecidePerformer } from './decisions/perform-decide.ts'
import { answersProjection } from './decisions/project-answers.ts'
import { createDecideHandler, type SettleDependencies, thinkByDefinition } from './decisions/settle.ts'
import { type EvidenceAsked, makeEvidence } from './ladder/evidence-rows.ts'
import { askRise, dropRise, signRise } from './ladder/rises.ts'
import { type Stop, stop, type StopDependencies, type Stopped } from './stopping/stop.ts'

export interface ReleaseOptions
  extends Omit<SettleDependencies, 'automations' | 'think'>,
    Omit<StopDependencies, 'automations'> {
  around: { table: TypeTable; roles: readonly string[] }
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
  stop(tx: Tx, context: CallContext, asked: Stop): Promise<Stopped>
}

export const releaseProjection: Projection = answersProjection

export function createRelease(options: ReleaseOptions): Release {
  const automations = createPublishedAutomations(options.around)
  const dependencies = { ...options, automations, think: options.think ?? thinkByDefinition }
  return {
    automations,
    performer: createDecidePerformer(options.record, automations),
    handlers: [createDecideHandler(dependencies)],
    ladder: {
      async makeEvidence(tx, context, asked) {
        const { definition } = await automations.version(tx, asked.automation, asked.version)
        return makeEvidence(tx, context, { ...asked, definition })
      },
      askRise,
      signRise,
      dropRise,
    },
    stop: (tx, context, asked) => stop(tx, context, dependencies, asked),
  }
}
