import type { Tx } from '../../db/index.ts'
import type { Output, Silence } from '../automation/compile.ts'
import type { Case } from '../scope.ts'
import type { Snapshot } from './snapshot.ts'

/** A question as it stands in its row. */
export interface Decision {
  id: string
  automation: string
  version: number
  candidate: number | null
  journey: string
  step: string
  patient: string
  trigger: string
  askedAt: number
  circumstances: Case
  gives: string[]
  /** The most that a release lets its arm do. */
  ceiling: string | null
  inputs: Snapshot
  status: 'waiting' | 'proposed' | 'handed' | 'acted' | 'answered' | 'withdrawn'
}

interface Row extends Omit<Decision, 'askedAt'> {
  asked_at: Date
}

const columns =
  'id, automation, version, candidate, journey, step, patient, trigger, asked_at, circumstances, gives, ceiling, inputs, status'
const decision = ({ asked_at, ...row }: Row): Decision => ({ ...row, askedAt: asked_at.getTime() })

export async function readDecision(tx: Tx, id: string, how: '' | 'for update'): Promise<Decision | undefined> {
  const [row] = await tx.query<Row>({
    name: how === '' ? 'read-decision' : 'lock-decision',
    text: `select ${columns} from automation_decision where tenant_id = $1 and id = $2 ${how}`,
    values: [tx.tenant, id],
  })
  return row && decision(row)
}

/** Questions of an automation that a stop holds back: not yet settled, or proposed to somebody who has not answered. */
export async function lockUnanswered(tx: Tx, automation: string): Promise<Decision[]> {
  const rows = await tx.query<Row>({
    text: `select ${columns} from automation_decision where tenant_id = $1 and automation = $2 and status in ('waiting', 'proposed') order by id for update`,
    values: [tx.tenant, automation],
  })
  return rows.map(decision)
}

export interface Opinion {
  version: number
  output: Output | null
  silence: Silence | null
}

export const readOpinions = (tx: Tx, decision: string): Promise<Opinion[]> =>
  tx.query<Opinion>({
    name: 'read-opinions',
    text: 'select version, output, silence from automation_opinion where tenant_id = $1 and decision = $2',
    values: [tx.tenant, decision],
  })
