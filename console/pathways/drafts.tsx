import { Link } from '@tanstack/react-router'
import type { DraftItem } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { Empty } from '../parts/states.tsx'

export function DraftStatus({ status }: { status: DraftItem['status'] }) {
  const { t } = useWords()
  const tone = status === 'approved' || status === 'published' ? 'good' : status === 'in-review' ? 'urgent' : ''
  return <span className={`tag ${tone}`}>{t(`draft_${status}`)}</span>
}

/** Drafts as rows, each with how it stands and who wrote in it. */
export function Drafts({ drafts }: { drafts: readonly DraftItem[] }) {
  const { t, either, moment } = useWords()
  if (drafts.length === 0) return <Empty title={t('noDrafts')} hint={t('noDraftsHint')} />
  return (
    <div className="table-wrap" tabIndex={0} role="group" aria-label={t('drafts')}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('draft')}</th>
            <th scope="col">{t('status')}</th>
            <th scope="col">{t('basedOnHead')}</th>
            <th scope="col">{t('writersHead')}</th>
            <th scope="col">{t('changedHead')}</th>
            <th scope="col">{t('note')}</th>
          </tr>
        </thead>
        <tbody>
          {drafts.map((one) => (
            <tr key={one.id} data-testid="draft-row">
              <th scope="row">
                <Link to="/pathways/drafts/$draft" params={{ draft: one.id }}>
                  {one.title ? either(one.title) : one.pathway}
                </Link>
                <br />
                <code className="quiet">{one.pathway}</code>
              </th>
              <td>
                <DraftStatus status={one.status} />{' '}
                {one.openComments > 0 && (
                  <span className="quiet">{t('openComments', { count: one.openComments })}</span>
                )}
              </td>
              <td>
                {one.restores !== null
                  ? t('restoresVersion', { n: one.restores })
                  : one.basedOn === null
                    ? t('newHere')
                    : t('version', { n: one.basedOn })}
              </td>
              <td>{one.writers.map(({ name }) => name).join(', ')}</td>
              <td className="number">{moment(one.changedAt)}</td>
              <td>{one.note}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
