import { Button } from '@mantine/core'
import { useState } from 'react'
import type { WorkItem } from '../../../src/contracts/index.ts'
import { useWords } from '../../i18n.ts'
import { useAccount } from '../../parts/session-context.ts'
import { useKeys } from '../../parts/use-keys.ts'
import { BulkDialog } from './bulk-dialog.tsx'
import type { Bulk } from './use-bulk.ts'

const acts = ['claim', 'reassign', 'snooze', 'complete', 'hand-off', 'release'] as const
export type BarAct = (typeof acts)[number]
/** Those that ask for something first. */
export type AskingAct = Exclude<BarAct, 'claim' | 'release'>

export const barKeys: Readonly<Record<BarAct, string>> = {
  claim: 'c',
  reassign: 't',
  snooze: 'z',
  complete: 'e',
  'hand-off': 'h',
  release: 'r',
}

/** How many rows are selected, and what can be done with all of them at once. */
export function SelectionBar({
  chosen,
  all,
  bulk,
  selectAll,
  clear,
}: {
  chosen: readonly WorkItem[]
  /** Rows that are loaded. */
  all: number
  bulk: Bulk
  selectAll: () => void
  clear: () => void
}) {
  const { t } = useWords()
  const account = useAccount()
  const [asking, setAsking] = useState<AskingAct>()
  const running = bulk.state?.running ?? false
  const offered = acts.filter((act) => act !== 'claim' || account.practitioner !== null)
  const begin = (act: BarAct) => {
    if (running) return
    if (act === 'claim' || act === 'release') void bulk.run(chosen, { do: act })
    else setAsking(act)
  }
  useKeys(account.may('work.act') ? Object.fromEntries(offered.map((act) => [barKeys[act], () => begin(act)])) : {})
  return (
    <div className="selection-bar" data-testid="selection-bar">
      <p className="row-line">
        <strong role="status">{t('selectedCount', { count: chosen.length })}</strong>
        <span className="row-marks">
          {chosen.length < all && (
            <button type="button" className="plain-button" onClick={selectAll} aria-keyshortcuts="a">
              {t('selectAll', { count: all })} <kbd aria-hidden="true">a</kbd>
            </button>
          )}
          <button type="button" className="plain-button" onClick={clear} aria-keyshortcuts="Escape">
            {t('selectNone')} <kbd aria-hidden="true">Esc</kbd>
          </button>
        </span>
      </p>
      {account.may('work.act') && (
        <div className="acts" role="toolbar" aria-label={t('actsOnSelected')}>
          {offered.map((act) => (
            <Button
              key={act}
              disabled={running}
              onClick={() => begin(act)}
              aria-keyshortcuts={barKeys[act]}
              rightSection={<kbd aria-hidden="true">{barKeys[act]}</kbd>}
            >
              {t(act)}
            </Button>
          ))}
        </div>
      )}
      {asking && (
        <BulkDialog
          act={asking}
          chosen={chosen}
          close={() => setAsking(undefined)}
          run={(act) => {
            setAsking(undefined)
            void bulk.run(chosen, act)
          }}
        />
      )}
    </div>
  )
}
