import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { incidentsQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { Listing } from '../parts/listing.tsx'
import { scopeWords } from './scope-words.ts'

/** What was stopped, open ones first. */
export function Incidents() {
  const words = useWords()
  const { t, either, moment } = words
  const incidents = useQuery(incidentsQuery)
  return (
    <Listing
      title={t('incidents')}
      empty={t('noIncidents')}
      query={incidents}
      columns={[t('automation'), t('reason'), t('since'), t('lookBack'), t('state')]}
      row={(one) => (
        <tr key={one.id} data-testid="incident-row">
          <th scope="row">
            <Link to="/incidents/$id" params={{ id: one.id }}>
              {either(one.title)}
            </Link>
            <br />
            <span className="quiet">{scopeWords(words, one.scope)}</span>
          </th>
          <td className="wide">
            {one.reason}
            <br />
            <span className="quiet">{one.by}</span>
          </td>
          <td className="number">{moment(one.openedAt)}</td>
          <td className="number">
            {one.reviewed} / {one.toReview}
          </td>
          <td>{one.closedAt === null ? <span className="tag bad">{t('openNow')}</span> : moment(one.closedAt)}</td>
        </tr>
      )}
    />
  )
}
