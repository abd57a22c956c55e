import { useQuery } from '@tanstack/react-query'
import { consentsQuery } from '../api/access-queries.ts'
import { useWords } from '../i18n.ts'
import { Listing } from '../parts/listing.tsx'
import { ReferenceLink } from '../record/reference-link.tsx'

/** What a patient has agreed to and refused, as it is held against every call now. */
export function Consents({ patient }: { patient: string }) {
  const { t, either, date, code } = useWords()
  const consents = useQuery(consentsQuery(patient))
  return (
    <>
      <Listing
        title={t('consentsHeld')}
        empty={t('noConsents')}
        query={consents}
        columns={[t('consentSays'), t('status'), t('from'), t('ends'), t('source')]}
        row={(one) => (
          <tr key={one.consent} data-testid="consent-row">
            <th scope="row" className="wide">
              {either(one.sentence)}
            </th>
            <td>
              <span className={`tag ${one.inForce ? 'good' : ''}`}>{t(one.inForce ? 'inForce' : 'notInForce')}</span>
            </td>
            <td className="number">{one.starts === null ? '' : date(one.starts)}</td>
            <td className="number">{one.ends === null ? t('never') : date(one.ends)}</td>
            <td>
              <ReferenceLink to={{ reference: one.consent }} />
            </td>
          </tr>
        )}
      />
      {consents.data && (
        <p className="quiet">
          {consents.data.presumed.length === 0
            ? t('presumesNothing')
            : t('presumes', { purposes: consents.data.presumed.map((one) => code('purpose', one)).join(', ') })}
        </p>
      )}
    </>
  )
}
