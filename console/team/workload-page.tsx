import '../styles/team.css'
import { useQuery } from '@tanstack/react-query'
import type { Workload } from '../../src/contracts/index.ts'
import { workloadQuery } from '../api/team-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Listing } from '../parts/listing.tsx'
import { Empty, Waiting } from '../parts/states.tsx'
import { TeamTabs } from './team-tabs.tsx'

type Load = Workload['items'][number]

/** What people worked in four weeks: one's own first, and for leads everybody's. */
export function WorkloadPage() {
  const { t, date } = useWords()
  const workload = useQuery(workloadQuery)
  const { data } = workload
  const columns = [t('name'), ...measures.map(({ word }) => t(word))]
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('team')}</h1>
        <TeamTabs shown="/team/workload" />
      </div>
      {workload.isPending && <Waiting lines={4} />}
      {workload.error !== null && !data && <Failure error={workload.error} retry={workload.refetch} />}
      {data && (
        <>
          <p className="quiet lead">{t('hoursHint', { from: date(data.from), until: date(data.until) })}</p>
          {data.mine && (
            <section aria-label={t('myWorkload')} className="block my-workload" data-testid="my-workload">
              <h2>{t('myWorkload')}</h2>
              <dl className="facts">
                {measures.map((measure) => (
                  <div key={measure.word}>
                    <dt>{t(measure.word)}</dt>
                    <dd>
                      <Figure load={data.mine} measure={measure} />
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          )}
          {!data.mine && data.items.length === 0 && <Empty title={t('noWorkload')} hint={t('noTeam')} />}
          {data.items.length > 0 && (
            <Listing
              title={t('everybodysWorkload')}
              empty={t('noTeam')}
              query={{ ...workload, data: { items: data.items } }}
              columns={columns}
              row={(one) => (
                <tr key={one.reference} data-testid="workload-row">
                  <th scope="row">{one.name}</th>
                  {measures.map((measure) => (
                    <td key={measure.word} className="number">
                      <Figure load={one} measure={measure} />
                    </td>
                  ))}
                </tr>
              )}
            />
          )}
        </>
      )}
    </div>
  )
}

interface Measure {
  word: string
  minutes?: (load: Load) => number
  /** A part of a whole, both in minutes. */
  share?: (load: Load) => readonly [part: number, whole: number]
}

const measures: readonly Measure[] = [
  { word: 'hoursWorked', minutes: ({ worked }) => worked },
  { word: 'hoursOnCall', minutes: ({ onCall }) => onCall },
  { word: 'unsocialShare', share: ({ unsocial, worked }) => [unsocial, worked] },
  { word: 'tasksDone' },
  { word: 'aboveShare', share: ({ above, ofKind }) => [above, ofKind] },
  { word: 'teamLoad', minutes: ({ held }) => held },
]

function Figure({ load, measure }: { load: Load | null; measure: Measure }) {
  const { number, span } = useWords()
  if (!load) return null
  if (measure.minutes) {
    const minutes = Math.round(measure.minutes(load))
    return minutes === 0 ? '–' : minutes < 60 ? span(minutes) : `${number(Math.round(minutes / 6) / 10)} h`
  }
  if (!measure.share) return number(load.done)
  const [part, whole] = measure.share(load)
  return whole === 0 ? '–' : `${number(Math.round((part / whole) * 100))} %`
}
