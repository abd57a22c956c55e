import type { Task } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import { createRecent } from '../../kernel/index.ts'
import type { Calendar } from '../../pathways/index.ts'
import type { LevelPolicy } from './level.ts'
import { policyOf, type WrittenPolicy } from './written-policy.ts'

/** Service levels that hold for tasks made from a moment (milliseconds) on, until the next ones. */
export interface LevelVersion {
  /** 0: the library's. */
  version: number
  from: number
  policies: readonly LevelPolicy[]
}

/** In the order in which they come into force; the first holds since ever. */
export type LevelHistory = readonly LevelVersion[]

/** The levels for a task that was made at a moment: it keeps them, whatever is set later. */
export const levelsAt = (history: LevelHistory, made: number): readonly LevelPolicy[] =>
  history.findLast(({ from }) => from <= made)?.policies ?? []

export const madeAt = (task: Task): number => Date.parse(task.authoredOn ?? task.meta?.lastUpdated ?? '') || 0

/** The levels of each tenant. */
export interface Levels {
  history(tx: Tx): Promise<LevelHistory>
  /** As of a second ago at most, for lists; `now` in milliseconds. */
  recent(tx: Tx, now: number): Promise<LevelHistory>
  /** What was kept for `recent` counts no more. */
  forget(): void
}

const second = 1_000

export function createLevels(library: readonly LevelPolicy[], calendars: Readonly<Record<string, Calendar>>): Levels {
  const recent = createRecent<{ history: LevelHistory }>(second)
  const first: LevelVersion = { version: 0, from: 0, policies: library }
  const history = async (tx: Tx): Promise<LevelHistory> => {
    const rows = await tx.query<{ version: number; from_at: Date; policies: WrittenPolicy[] }>({
      name: 'service-levels',
      text: `select version, from_at, policies from service_levels
             where tenant_id = $1 and withdrawn_at is null order by from_at, version`,
      values: [tx.tenant],
    })
    return [
      first,
      ...rows.map(({ version, from_at, policies }) => ({
        version,
        from: from_at.getTime(),
        policies: policies.map((one) => policyOf(one, calendars)),
      })),
    ]
  }
  return {
    history,
    async recent(tx, now) {
      const found = await recent.get(tx.tenant, now, async () => ({ history: await history(tx) }))
      return found?.history ?? [first]
    },
    forget: () => recent.forget(),
  }
}
