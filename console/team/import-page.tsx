import '../styles/team.css'
import { Button } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ImportLines, StaffImport } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { importLinesQuery, staffImportQuery, staffImportsQuery, teamQuery } from '../api/team-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { Waiting } from '../parts/states.tsx'
import { SureDialog } from '../parts/sure-dialog.tsx'
import { useAct } from '../parts/use-act.ts'
import { importLooks } from './import-looks.ts'

const route = getRouteApi('/team/imports/$id')
type Act = ImportLines['items'][number]['act']

/** One file of people: how far it is, its faults or what each line would change, and the two ways on. */
export function ImportPage() {
  const { id } = route.useParams()
  const found = useQuery(staffImportQuery(id))
  if (found.isPending) return <Waiting lines={8} />
  if (!found.data) return <Failure error={found.error} retry={found.refetch} />
  return <Shown of={found.data} />
}

function Shown({ of }: { of: StaffImport }) {
  const { t, moment } = useWords()
  const [sure, setSure] = useState<'take' | 'undo'>()
  const act = useAct((name: 'take' | 'undo') => call('POST', `/api/team/imports/${of.id}/${name}`), {
    anew: [staffImportQuery(of.id).queryKey, staffImportsQuery.queryKey, teamQuery.queryKey],
    done: () => setSure(undefined),
    quiet: true,
  })
  const going = of.state === 'reading' || of.state === 'writing' || of.state === 'undoing'
  const changes = of.counts.new + of.counts.changed
  return (
    <div className="page">
      <Link to="/team/imports" className="back">
        <Icon name="back" /> {t('importPeople')}
      </Link>
      <header className="journey-head">
        <div>
          <h1>{t(`import_${of.what}`)}</h1>
          <p>
            <span className={`tag ${importLooks[of.state]}`} data-testid="import-state">
              {t(`importState_${of.state}`)}
            </span>{' '}
            <span className="quiet">{[of.name, of.by, moment(of.at)].filter((one) => one !== '').join(' · ')}</span>
          </p>
        </div>
        <div className="head-right">
          {of.state === 'ready' && (
            <Button variant="filled" disabled={changes === 0} onClick={() => setSure('take')}>
              {t('importTake')}…
            </Button>
          )}
          {of.state === 'done' && <Button onClick={() => setSure('undo')}>{t('undo')}…</Button>}
        </div>
      </header>
      {going && <Progress of={of} />}
      {of.state === 'faulty' && <p role="status">{t('importFaulty', { count: of.faultCount })}</p>}
      {of.state === 'failed' && <p role="status">{t('importFailed')}</p>}
      {of.undone && <p role="status">{t('importUndone', of.undone)}</p>}
      {of.faults.length > 0 && <Faults of={of} />}
      {of.state !== 'faulty' && of.state !== 'reading' && of.state !== 'failed' && <Lines of={of} />}
      {sure && (
        <SureDialog
          title={t(sure === 'take' ? 'importTake' : 'undo')}
          text={t(sure === 'take' ? 'importTakeHint' : 'importUndoHint', { count: changes })}
          act={t(sure === 'take' ? 'importTake' : 'undo')}
          doing={{ ...act, mutate: () => act.mutate(sure) }}
          close={() => setSure(undefined)}
        />
      )}
    </div>
  )
}

function Progress({ of }: { of: StaffImport }) {
  const { t, number } = useWords()
  const said =
    of.total === 0 ? t(`importState_${of.state}`) : t('doneOf', { done: number(of.done), total: number(of.total) })
  return (
    <p role="status">
      <progress aria-label={said} {...(of.total > 0 ? { max: of.total, value: of.done } : {})} /> {said}
    </p>
  )
}

function Faults({ of }: { of: StaffImport }) {
  const { t, language } = useWords()
  return (
    <section aria-label={t('importFaults')}>
      <div className="section-head">
        <h2>
          {t('importFaults')} <span className="count">{of.faultCount}</span>
        </h2>
      </div>
      <div className="table-wrap" tabIndex={0} role="group" aria-label={t('importFaults')}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('importLine')}</th>
              <th scope="col">{t('importColumn')}</th>
              <th scope="col">{t('importFault')}</th>
            </tr>
          </thead>
          <tbody>
            {of.faults.map((fault, index) => (
              <tr key={index} data-testid="import-fault">
                <td className="number">{fault.line}</td>
                <td>{fault.column === null ? '–' : <code>{fault.column}</code>}</td>
                <td className="wide">
                  {language === 'fr' ? t(`lineFault_${fault.code}`, { defaultValue: fault.message }) : fault.message}{' '}
                  <code className="quiet">{fault.code}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {of.faultCount > of.faults.length && (
        <p className="quiet">{t('importFirstFaults', { count: of.faults.length })}</p>
      )}
    </section>
  )
}

function Lines({ of }: { of: StaffImport }) {
  const { t, number } = useWords()
  const kinds = (['changed', 'new', 'same'] as const).filter((one) => of.counts[one] > 0)
  const [chosen, setChosen] = useState<Act>()
  const act = chosen ?? kinds[0] ?? 'same'
  const lines = useInfiniteQuery(importLinesQuery(of.id, act))
  const items = lines.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <section aria-label={t('importLines')}>
      <div className="section-head">
        <h2>{t('importLines')}</h2>
        <span className="level-acts">
          {kinds.map((one) => (
            <Button
              key={one}
              aria-pressed={one === act}
              variant={one === act ? 'filled' : 'default'}
              onClick={() => setChosen(one)}
            >
              {t(`importAct_${one}`)} {number(of.counts[one])}
            </Button>
          ))}
        </span>
      </div>
      {lines.isPending && <Waiting lines={5} />}
      {lines.error !== null && <Failure error={lines.error} retry={lines.refetch} />}
      {items.length > 0 && (
        <div className="table-wrap" tabIndex={0} role="group" aria-label={t('importLines')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('importLine')}</th>
                <th scope="col">{t('importAbout')}</th>
                <th scope="col">{t('importChanges')}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.line} data-testid="import-line">
                  <td className="number">{one.line}</td>
                  <th scope="row">{one.about}</th>
                  <td className="wide">
                    {one.changes.length === 0 && <span className="quiet">–</span>}
                    <dl className="import-changes">
                      {one.changes.map(({ what, from, to }) => (
                        <div key={what}>
                          <dt>
                            <code>{what}</code>
                          </dt>
                          <dd>
                            {from !== '' && <del>{short(from)}</del>}{' '}
                            {to === '' ? <em>{t('importEmptied')}</em> : <ins>{short(to)}</ins>}
                          </dd>
                        </div>
                      ))}
                    </dl>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {lines.hasNextPage && (
        <Button loading={lines.isFetchingNextPage} onClick={() => void lines.fetchNextPage()}>
          {t('more')}
        </Button>
      )}
    </section>
  )
}

const short = (text: string): string => (text.length > 240 ? `${text.slice(0, 240)}…` : text)
