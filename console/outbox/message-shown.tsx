import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { messageQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { Why } from '../parts/why.tsx'

export function MessageShown({ id, close }: { id: string; close: () => void }) {
  const { t, code, moment } = useWords()
  const account = useAccount()
  const message = useQuery(messageQuery(id))
  const back = (
    <button type="button" className="plain-button back" onClick={close}>
      <Icon name="back" /> {t('backToList')}
    </button>
  )
  if (message.isPending)
    return (
      <>
        {back}
        <Waiting />
      </>
    )
  if (!message.data)
    return (
      <>
        {back}
        <Failure error={message.error} retry={message.refetch} />
      </>
    )
  const { data } = message
  const rows: [string, string | null][] = [
    [t('status'), code('message', data.status)],
    [t('reason'), data.reason === null ? null : code('message-reason', data.reason)],
    [t('to'), code('to', data.to)],
    [t('patient'), data.patient?.name ?? null],
    [t('channel'), data.channel === null ? null : code('channel', data.channel)],
    [t('template'), code('template', data.template)],
    [t('asked'), moment(data.at)],
    [t('sent'), data.sentAt === null ? null : moment(data.sentAt)],
  ]
  return (
    <article data-testid="message-detail">
      {back}
      <header className="detail-head">
        <h2>{data.subject || code('template', data.template)}</h2>
      </header>
      <dl className="facts">
        {rows.flatMap(([term, value]) =>
          value === null
            ? []
            : [
                <div key={term}>
                  <dt>{term}</dt>
                  <dd>{value}</dd>
                </div>,
              ],
        )}
      </dl>
      <section className="block" aria-label={t('body')}>
        <h3>{t('body')}</h3>
        {data.text === null ? <p className="quiet">{t('noBody')}</p> : <div className="letter">{data.text}</div>}
      </section>
      {data.why && <Why why={data.why} title={t('why')} />}
      {data.journey !== null && account.may('journeys.read') && (
        <p>
          <Link to="/journeys/$id" params={{ id: data.journey }}>
            {t('openJourney')}
          </Link>
        </p>
      )}
    </article>
  )
}
