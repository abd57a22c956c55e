import { Link } from '@tanstack/react-router'
import type { PathwayHistory } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { Empty } from '../parts/states.tsx'

/** What happened to a pathway's drafts and versions, the newest first. */
export function Happened({ items }: { items: PathwayHistory['items'] }) {
  const { t, momentOfYear } = useWords()
  if (items.length === 0) return <Empty title={t('nothingHappened')} />
  return (
    <div className="table-wrap" tabIndex={0} role="group" aria-label={t('view_history')}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('when')}</th>
            <th scope="col">{t('act')}</th>
            <th scope="col">{t('who')}</th>
            <th scope="col">{t('note')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.id} data-testid="happened-row">
              <td className="number">
                <time dateTime={one.at}>{momentOfYear(one.at)}</time>
              </td>
              <th scope="row">
                {t(`happened_${one.act}`)}
                {one.version !== null && <> · {t('version', { n: one.version })}</>}
                {one.clinics && <span className="quiet"> · {one.clinics.join(', ')}</span>}
                {one.draft !== null && (
                  <>
                    {' · '}
                    <Link to="/pathways/drafts/$draft" params={{ draft: one.draft }}>
                      {t('draft')}
                    </Link>
                  </>
                )}
              </th>
              <td>{one.by.name}</td>
              <td>{one.note}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
