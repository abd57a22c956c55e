import type { OfferedIn } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'

/** Who can do a service in each state and province at this hour, and what would help where nobody can. */
export function Offered({ items, open, opens }: { items: readonly OfferedIn[]; open: boolean; opens: string | null }) {
  const { t, either, moment } = useWords()
  const now = items.filter((one) => one.needs.every(({ ready }) => ready.length > 0)).length
  return (
    <section aria-label={t('serviceByWhom')} data-testid="service-offered">
      <div className="section-head">
        <h2>{t('serviceByWhom')}</h2>
        <span className="quiet">{t('servicePlacesNow', { now, all: items.length })}</span>
      </div>
      {!open && (
        <p className="quiet">{opens === null ? t('serviceClosed') : t('serviceOpens', { time: moment(opens) })}</p>
      )}
      <div className="table-wrap" tabIndex={0} role="group" aria-label={t('serviceByWhom')}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('place')}</th>
              <th scope="col">{t('serviceNeeds')}</th>
              <th scope="col">{t('serviceAtHand')}</th>
            </tr>
          </thead>
          <tbody>
            {items.flatMap((one) =>
              one.needs.map((need, index) => (
                <tr key={`${one.jurisdiction.id} ${index}`}>
                  {index === 0 && (
                    <th scope="rowgroup" rowSpan={one.needs.length}>
                      {either(one.jurisdiction.title)}
                      {one.fees.length > 0 && (
                        <>
                          <br />
                          <span className="quiet number">{one.fees.map(({ code }) => code).join(', ')}</span>
                        </>
                      )}
                    </th>
                  )}
                  <td>{either(need.kind.title)}</td>
                  <td>
                    {need.ready.length > 0 ? (
                      need.ready
                        .slice(0, 3)
                        .map(({ name, credential }) => (credential ? `${name} (${either(credential)})` : name))
                        .join(', ') + (need.ready.length > 3 ? ` +${need.ready.length - 3}` : '')
                    ) : (
                      <>
                        <span className={need.next === null ? 'tag bad' : 'tag urgent'}>
                          {need.next === null ? t('serviceNobody') : t('serviceNext', { time: moment(need.next) })}
                        </span>
                        {need.unblock !== null && need.next === null && <p className="quiet">{need.unblock}</p>}
                      </>
                    )}
                  </td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      </div>
    </section>
  )
}
