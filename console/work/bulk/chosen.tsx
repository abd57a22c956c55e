import { Button } from '@mantine/core'
import type { BulkDone, WorkItem } from '../../../src/contracts/index.ts'
import { ApiError } from '../../api/call.ts'
import { useWords } from '../../i18n.ts'
import { failureText } from '../../parts/failure.tsx'
import { Icon } from '../../parts/icons.tsx'
import { useKeys } from '../../parts/use-keys.ts'
import type { Bulk, BulkState } from './use-bulk.ts'

/** What is selected; while something is done with it, how far that is; and afterwards what became of each. */
export function Chosen({ chosen, bulk, done }: { chosen: readonly WorkItem[]; bulk: Bulk; done: () => void }) {
  const { t, either } = useWords()
  if (bulk.state) return <Ran state={bulk.state} bulk={bulk} done={done} />
  return (
    <article>
      <h2>{t('selectedCount', { count: chosen.length })}</h2>
      <ul className="results">
        {chosen.map((item) => (
          <li key={item.id}>
            <span>
              <strong>{either(item.title)}</strong>{' '}
              <span className="quiet">
                {item.patient?.name ?? t('noPatient')} · {item.owner?.name ?? t('nobody')}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </article>
  )
}

function Ran({ state, bulk, done }: { state: BulkState; bulk: Bulk; done: () => void }) {
  const { t } = useWords()
  const { results, items, running } = state
  const good = results.filter((one) => one.done).length
  const { undo } = bulk
  useKeys(undo ? { u: () => void undo() } : {})
  return (
    <article className="ran" data-testid="bulk-results">
      <h2>{t(state.undoing ? 'undone' : state.act.do)}</h2>
      {running ? (
        <div className="replay-progress">
          <p role="status">{t('bulkProgress', { done: results.length, all: items.length })}</p>
          <progress
            max={items.length}
            value={results.length}
            aria-label={t('bulkProgress', { done: results.length, all: items.length })}
          />
          {items.length > results.length && <Button onClick={bulk.stop}>{t('stopHere')}</Button>}
        </div>
      ) : (
        <p role="status">
          {t('bulkDone', { count: good })}
          {results.length > good && <span className="late"> {t('bulkRefused', { count: results.length - good })}</span>}
          {items.length > results.length && ` ${t('bulkLeft', { count: items.length - results.length })}`}
        </p>
      )}
      {!running && (
        <div className="acts">
          {undo && (
            <Button onClick={() => void undo()} aria-keyshortcuts="u" rightSection={<kbd aria-hidden="true">u</kbd>}>
              {t('undo')}
            </Button>
          )}
          <Button onClick={done} aria-keyshortcuts="Escape" rightSection={<kbd aria-hidden="true">Esc</kbd>}>
            {t('close')}
          </Button>
        </div>
      )}
      <ul className="results">
        {items.map((item) => (
          <Result key={item.id} item={item} result={results.find(({ id }) => id === item.id)} />
        ))}
      </ul>
    </article>
  )
}

function Result({ item, result }: { item: WorkItem; result: BulkDone['items'][number] | undefined }) {
  const { t, either } = useWords()
  const error = result?.error
  return (
    <li data-done={result?.done} data-testid="bulk-result">
      <Icon name={result === undefined ? 'waiting' : result.done ? 'done' : 'late'} />
      <span>
        <strong>{either(item.title)}</strong> <span className="quiet">{item.patient?.name ?? t('noPatient')}</span>
        {error && <span className="late-text"> {failureText(t, new ApiError(409, error.code, error.message))}</span>}
        <span className="unseen">{result?.done === true ? t('resultDone') : ''}</span>
      </span>
    </li>
  )
}
