import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { call } from '../api/call.ts'
import { deadLettersQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure, tellFailure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'

/** What could not be done outside after several tries: for a person to send again or lay aside. */
export function DeadLetters() {
  const { t, moment, code } = useWords()
  const account = useAccount()
  const queries = useQueryClient()
  const dead = useQuery(deadLettersQuery)
  const act = useMutation({
    mutationFn: ({ id, name }: { id: string; name: 'retry' | 'discard' }) =>
      call('POST', `/api/dead-letters/${encodeURIComponent(id)}/${name}`),
    onSuccess: (_answer, { name }) =>
      notifications.show({ color: 'pine', message: t(`did_${name}`), closeButtonProps: { 'aria-label': t('close') } }),
    onError: (error) => tellFailure(t, error),
    onSettled: () => queries.invalidateQueries({ queryKey: ['messages'] }),
  })
  if (dead.isPending) return <Waiting />
  if (!dead.data) return <Failure error={dead.error} retry={dead.refetch} />
  if (dead.data.items.length === 0) return <Empty title={t('noDead')} hint={t('noDeadHint')} />
  return (
    <div className="table-wrap" tabIndex={0} role="group" aria-label={t('deadLetters')}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('kind')}</th>
            <th scope="col">{t('aboutHead')}</th>
            <th scope="col" className="end">
              {t('tries')}
            </th>
            <th scope="col">{t('lastError')}</th>
            <th scope="col">{t('firstAt')}</th>
            <th scope="col">{t('lastAt')}</th>
            <th scope="col">{t('acts')}</th>
          </tr>
        </thead>
        <tbody>
          {dead.data.items.map((item) => {
            const [type, id] = item.reference.split('/')
            return (
              <tr key={item.id} data-testid="dead-letter">
                <th scope="row">{code('job', item.kind)}</th>
                <td>
                  {type === 'Communication' && id !== undefined ? (
                    <Link to="/outbox" search={{ message: id }}>
                      {t('message')}
                    </Link>
                  ) : (
                    <code>{item.reference}</code>
                  )}
                </td>
                <td className="end number">{item.attempts}</td>
                <td className="wide">{item.lastError}</td>
                <td className="number">{moment(item.firstAt)}</td>
                <td className="number">{moment(item.lastAt)}</td>
                <td className="buttons">
                  {account.may('jobs.manage') ? (
                    <>
                      <Button disabled={act.isPending} onClick={() => act.mutate({ id: item.id, name: 'retry' })}>
                        {t('retry')}
                      </Button>
                      <Button disabled={act.isPending} onClick={() => act.mutate({ id: item.id, name: 'discard' })}>
                        {t('discard')}
                      </Button>
                    </>
                  ) : (
                    <span className="quiet">{t('needsOperations')}</span>
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
