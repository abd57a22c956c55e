import { Button } from '@mantine/core'
import { type InfiniteData, type UseInfiniteQueryResult, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { MessageList } from '../../src/contracts/index.ts'
import { deadLettersQuery, messageListQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Empty, Waiting } from '../parts/states.tsx'
import { useKeys } from '../parts/use-keys.ts'
import { DeadLetters } from './dead-letters.tsx'
import { MessageShown } from './message-shown.tsx'

const route = getRouteApi('/outbox')
const statuses = ['preparation', 'completed', 'stopped', 'not-done'] as const

export function OutboxPage() {
  const { t } = useWords()
  const { show, message } = route.useSearch()
  const dead = useQuery(deadLettersQuery)
  const status = statuses.find((one) => one === show)
  const messages = useInfiniteQuery(messageListQuery(status))
  const counts = messages.data?.pages[0]?.counts
  const all = counts && Object.values(counts).reduce((sum, n) => sum + n, 0)
  return (
    <>
      <div className="page-head">
        <h1>{t('outbox')}</h1>
        <nav className="tabs" aria-label={t('lists')}>
          <Link
            to="/outbox"
            search={{}}
            activeOptions={{ exact: true }}
            aria-current={show === undefined ? 'true' : undefined}
          >
            {t('allMessages')} {all !== undefined && <span className="count">{all}</span>}
          </Link>
          {statuses.map((one) => (
            <Link
              key={one}
              to="/outbox"
              search={{ show: one }}
              activeOptions={{ exact: true }}
              aria-current={show === one ? 'true' : undefined}
            >
              {t(`messages_${one}`)} {counts && <span className="count">{counts[one] ?? 0}</span>}
            </Link>
          ))}
          <Link
            to="/outbox"
            search={{ show: 'dead' }}
            activeOptions={{ exact: true }}
            aria-current={show === 'dead' ? 'true' : undefined}
          >
            {t('deadLetters')}{' '}
            {dead.data && (
              <span className="count" data-bad={dead.data.items.length > 0}>
                {dead.data.items.length}
              </span>
            )}
          </Link>
        </nav>
      </div>
      {show === 'dead' ? <DeadLetters /> : <Messages messages={messages} show={show} chosen={message} />}
    </>
  )
}

function Messages({
  messages,
  show,
  chosen,
}: {
  messages: UseInfiniteQueryResult<InfiniteData<MessageList>>
  show: string | undefined
  chosen: string | undefined
}) {
  const { t, code, moment } = useWords()
  const navigate = route.useNavigate()
  const items = messages.data?.pages.flatMap((page) => page.items) ?? []
  const choose = (message: string | undefined) =>
    void navigate({
      search: { ...(show === undefined ? {} : { show }), ...(message === undefined ? {} : { message }) },
      replace: true,
    })
  const move = (by: number) => {
    const at = items.findIndex((item) => item.id === chosen)
    const item = items[Math.max(0, Math.min(items.length - 1, at < 0 ? 0 : at + by))]
    if (!item) return
    choose(item.id)
    document.getElementById(`message-${item.id}`)?.focus()
  }
  useKeys({ j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1) })
  return (
    <div className="split" data-chosen={chosen !== undefined}>
      <section aria-label={t('messages')}>
        {messages.isPending && <Waiting lines={10} />}
        {messages.error && !messages.data && <Failure error={messages.error} retry={messages.refetch} />}
        {messages.data && items.length === 0 && (
          <Empty title={t(show === undefined ? 'noMessages' : 'noMessagesSuch')} hint={t('noMessagesHint')} />
        )}
        <ul className="rows">
          {items.map((item) => (
            <li key={item.id}>
              <button
                type="button"
                id={`message-${item.id}`}
                data-row
                data-testid="message-row"
                className="row"
                aria-current={item.id === chosen ? 'true' : undefined}
                onClick={() => choose(item.id)}
              >
                <span className="row-line">
                  <strong>{item.subject || code('template', item.template)}</strong>
                  <time className="quiet number" dateTime={item.sentAt ?? item.at}>
                    {moment(item.sentAt ?? item.at)}
                  </time>
                </span>
                <span className="row-line quiet">
                  <span className="row-patient">
                    {item.patient?.name ?? t('noPatient')} · {t('toWhom', { to: code('to', item.to) })}
                    {item.channel !== null && ` · ${code('channel', item.channel)}`}
                  </span>
                  <span
                    className={`tag ${item.status === 'completed' ? 'good' : item.status === 'preparation' ? '' : 'bad'}`}
                  >
                    {code('message', item.status)}
                  </span>
                </span>
              </button>
            </li>
          ))}
        </ul>
        {messages.hasNextPage && (
          <div className="more">
            <Button loading={messages.isFetchingNextPage} onClick={() => void messages.fetchNextPage()}>
              {t('more')}
            </Button>
          </div>
        )}
      </section>
      <section aria-label={t('message')} className="detail">
        {chosen === undefined ? (
          items.length > 0 && <Empty title={t('pickMessage')} />
        ) : (
          <MessageShown key={chosen} id={chosen} close={() => choose(undefined)} />
        )}
      </section>
    </div>
  )
}
