import { Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReplayJourney } from '../../src/contracts/index.ts'
import { replayJourneyQuery } from '../api/replay-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { Waiting } from '../parts/states.tsx'

const route = getRouteApi('/replays/$id/$journey')
type Row = ReplayJourney['rows'][number]

/** One journey as it was, and beside it as it would have been. */
export function ReplayedJourneyPage() {
  const { t, number } = useWords()
  const { id, journey } = route.useParams()
  const shown = useQuery(replayJourneyQuery(id, journey))
  const [all, setAll] = useState(true)
  if (shown.isPending) return <Waiting lines={12} />
  if (!shown.data) return <Failure error={shown.error} retry={shown.refetch} />
  const { patient, rows, version, faithful, differences } = shown.data
  return (
    <div className="page">
      <Link to="/replays/$id" params={{ id }} className="back">
        <Icon name="back" /> {t('replay')}
      </Link>
      <header className="journey-head">
        <div>
          <h1>{patient.name}</h1>
          <p className="quiet">
            {version === null ? (
              t('newlyBegunHint')
            ) : (
              <>
                {t('ranOn', { n: version })} ·{' '}
                <Link to="/journeys/$id" params={{ id: journey }}>
                  {t('journey')}
                </Link>
              </>
            )}{' '}
            · {t('differencesCount', { count: differences, n: number(differences) })}
          </p>
          {faithful === false && <p className="late">{t('notReproducedHint')}</p>}
        </div>
        <div className="head-right">
          <Switch
            label={t('onlyDifferences')}
            checked={!all}
            onChange={(event) => setAll(!event.currentTarget.checked)}
          />
        </div>
      </header>
      <div className="table-wrap" tabIndex={0} role="group" aria-label={t('sideBySide')}>
        <table className="table dense beside" data-testid="side-by-side">
          <thead>
            <tr>
              <th scope="col">{t('recorded')}</th>
              <th scope="col">{t('tried')}</th>
              <th scope="col">{t('whatDiffers')}</th>
            </tr>
          </thead>
          <tbody>
            {rows
              .filter((row) => all || row.changes.length > 0)
              .map((row, index) => (
                <Beside key={index} row={row} />
              ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}

function Beside({ row }: { row: Row }) {
  const { t, code } = useWords()
  const differs = row.changes.length > 0
  return (
    <tr className={differs ? 'differs' : 'quiet-row'} data-first={row.first ? 'true' : undefined}>
      <Side line={row.before} />
      <Side line={row.after} />
      <td>
        {differs && (
          <>
            {row.changes.map((change) => (
              <span key={change} className="tag soon-tag">
                {code('replayChange', change)}
              </span>
            ))}{' '}
            {row.why} {row.first && <strong>{t('firstDifference')}</strong>}
          </>
        )}
      </td>
    </tr>
  )
}

function Side({ line }: { line: Row['before'] }) {
  const { t, moment } = useWords()
  if (!line) return <td className="absent">–</td>
  return (
    <td>
      <time className="quiet number" dateTime={line.at}>
        {moment(line.at)}
      </time>{' '}
      {line.sentence} {line.assumed && <span className="tag soon-tag">{t('assumed')}</span>}
      <details>
        <summary>{t('ruleAndEvent')}</summary>
        <code>{line.rule}</code>
        <br />
        <code>{line.event}</code>
      </details>
    </td>
  )
}
