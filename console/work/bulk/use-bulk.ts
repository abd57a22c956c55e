import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { BulkDone, WorkItem } from '../../../src/contracts/index.ts'
import { call } from '../../api/call.ts'
import { workCountsQuery } from '../../api/queries.ts'
import { useWords } from '../../i18n.ts'
import { tellFailure } from '../../parts/failure.tsx'

/** As the API takes it: `do` and what it needs. */
export type BulkAct = { do: 'claim' | 'release' | 'wake' | 'complete' | 'snooze' | 'reassign' | 'hand-off' } & Record<
  string,
  unknown
>
type Result = BulkDone['items'][number]

export interface BulkState {
  act: BulkAct
  items: readonly WorkItem[]
  results: readonly Result[]
  running: boolean
  /** It took back another one. */
  undoing: boolean
}

export interface Bulk {
  state: BulkState | undefined
  run(items: readonly WorkItem[], act: BulkAct): Promise<void>
  stop(): void
  /** Takes back what can be taken back; undefined when nothing can. */
  undo: (() => Promise<void>) | undefined
  close(): void
}

/** So many tasks are sent at once: a long act shows how far it is, and can be stopped between. */
const piece = 20

/** What takes an act on a task back, as the task stood before; undefined: nothing does. */
function inverse(act: BulkAct, before: WorkItem, reason: string): BulkAct | undefined {
  switch (act.do) {
    case 'claim':
      return { do: 'release' }
    case 'release':
      return { do: 'claim' }
    case 'snooze':
      return { do: 'wake' }
    case 'reassign':
    case 'hand-off':
      if (before.owner !== null)
        return { do: 'reassign', owner: { reference: before.owner.reference, name: before.owner.name }, reason }
      return before.role === null ? undefined : { do: 'reassign', role: before.role, reason }
    case 'wake':
    case 'complete':
      return undefined
  }
}

/** One act on many tasks, each with its own result. */
export function useBulk(): Bulk {
  const { t } = useWords()
  const queries = useQueryClient()
  const [state, setState] = useState<BulkState>()
  const stopped = useRef(false)

  const send = async (groups: readonly { act: BulkAct; items: readonly Pick<WorkItem, 'id' | 'version'>[] }[]) => {
    stopped.current = false
    try {
      for (const { act, items } of groups)
        for (let from = 0; from < items.length && !stopped.current; from += piece) {
          const { items: results } = await call<BulkDone>('POST', '/api/work/bulk', {
            items: items.slice(from, from + piece).map(({ id, version }) => ({ id, version })),
            act,
          })
          setState((now) => now && { ...now, results: [...now.results, ...results] })
        }
    } catch (error) {
      tellFailure(t, error)
    }
    setState((now) => now && { ...now, running: false })
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['work', 'list'] }),
      queries.invalidateQueries({ queryKey: ['work', 'task'] }),
      queries.invalidateQueries({ queryKey: workCountsQuery.queryKey }),
    ])
  }

  const back =
    state && !state.running && !state.undoing
      ? state.results.flatMap((one) => {
          const before = state.items.find(({ id }) => id === one.id)
          const act = one.done && before ? inverse(state.act, before, t('actTakenBack')) : undefined
          return before && act ? [{ before, act, version: one.version ?? before.version }] : []
        })
      : []

  return {
    state,
    async run(items, act) {
      setState({ act, items, results: [], running: true, undoing: false })
      await send([{ act, items }])
    },
    stop: () => {
      stopped.current = true
    },
    undo:
      back.length === 0
        ? undefined
        : async () => {
            // Those that go back to the same holder go together.
            const groups = new Map<string, { act: BulkAct; items: { id: string; version: number }[] }>()
            for (const { before, act, version } of back) {
              const key = JSON.stringify(act)
              const group = groups.get(key) ?? { act, items: [] }
              group.items.push({ id: before.id, version })
              groups.set(key, group)
            }
            const [first] = groups.values()
            if (!first) return
            setState({
              act: first.act,
              items: back.map(({ before }) => before),
              results: [],
              running: true,
              undoing: true,
            })
            await send([...groups.values()])
          },
    close: () => setState(undefined),
  }
}
