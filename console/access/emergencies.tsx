import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { allGlassQuery } from '../api/access-queries.ts'
import { useWords } from '../i18n.ts'
import { useClock } from '../parts/clock.ts'
import { Listing } from '../parts/listing.tsx'
import { targetOf } from '../record/reference-link.tsx'
import { useReasonTitles } from './use-reason-titles.ts'

/** Every emergency access, for those who review them. */
export function Emergencies() {
  const { t, moment } = useWords()
  const { now } = useClock()
  const reasonTitle = useReasonTitles()
  const glass = useInfiniteQuery(allGlassQuery)
  const data = glass.data && { items: glass.data.pages.flatMap((page) => page.items) }
  return (
    <>
      <Listing
        title={t('access_emergencies')}
        empty={t('noEmergencies')}
        query={{ ...glass, data }}
        columns={[t('person'), t('patient'), t('reason'), t('since'), t('ended'), t('review')]}
        row={(one) => {
          const target = targetOf(one.patient.reference)
          const end = one.endedAt ?? one.until
          return (
            <tr key={one.id} data-testid="emergency-row">
              <th scope="row">{one.account.name}</th>
              <td>
                {target ? (
                  <Link to="/record/$type/$id" params={target}>
                    {one.patient.name}
                  </Link>
                ) : (
                  one.patient.name
                )}
              </td>
              <td className="wide">
                {reasonTitle(one.reason)}
                <br />
                <span className="quiet">{one.note}</span>
              </td>
              <td className="number">{moment(one.startedAt)}</td>
              <td className="number">
                {Date.parse(end) > now ? <span className="tag bad">{t('openNow')}</span> : moment(end)}
              </td>
              <td>
                <Link to="/work" search={{ list: 'all', task: one.task }}>
                  {t('reviewTask')}
                </Link>
              </td>
            </tr>
          )
        }}
      />
      {glass.hasNextPage && (
        <div className="more">
          <Button loading={glass.isFetchingNextPage} onClick={() => void glass.fetchNextPage()}>
            {t('more')}
          </Button>
        </div>
      )}
    </>
  )
}
