import { Button } from '@mantine/core'
import type { Subscription } from '@medplum/fhirtypes'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { SubscriptionList } from '../../src/contracts/index.ts'
import { call, getFhir } from '../api/call.ts'
import { subscriptionsQuery } from '../api/flow-queries.ts'
import { useWords } from '../i18n.ts'
import { Listing } from '../parts/listing.tsx'
import { SureDialog } from '../parts/sure-dialog.tsx'
import { useAct } from '../parts/use-act.ts'
import { SubscriptionDialog } from './subscription-dialog.tsx'

type Item = SubscriptionList['items'][number]

const looks: Readonly<Record<Item['status'], string>> = { active: 'good', error: 'bad', requested: '', off: '' }

/** Who is told of what, how far each has come, and what went wrong. */
export function Subscriptions() {
  const { t, moment, number } = useWords()
  const subscriptions = useQuery(subscriptionsQuery)
  const [making, setMaking] = useState(false)
  const [ending, setEnding] = useState<Item>()
  const resend = useAct((id: string) => call('POST', `/api/subscriptions/${encodeURIComponent(id)}/resend`), {
    anew: [subscriptionsQuery.queryKey],
  })
  const end = useAct(
    async (id: string) => {
      const path = `Subscription/${encodeURIComponent(id)}`
      const subscription = await getFhir<Subscription>(path)
      await call('PUT', `/fhir/${path}`, { ...subscription, status: 'off' })
    },
    { anew: [subscriptionsQuery.queryKey], done: () => setEnding(undefined), quiet: true },
  )
  return (
    <>
      <Listing
        title={t('subscriptions')}
        hint={t('subscriptionsHint')}
        empty={t('noSubscriptions')}
        query={subscriptions}
        columns={[t('topic'), t('receiver'), t('maker'), t('status'), t('events'), t('lastSent'), t('lastError'), '']}
        action={<Button onClick={() => setMaking(true)}>{t('addSubscription')}</Button>}
        row={(one) => (
          <tr key={one.id} data-testid="subscription-row">
            <th scope="row">
              <Link to="/record/$type/$id" params={{ type: 'Subscription', id: one.id }}>
                {one.topic.title}
              </Link>
              {one.filters.map((filter) => (
                <div key={filter}>
                  <code className="quiet">{filter}</code>
                </div>
              ))}
            </th>
            <td className="wide">
              {t(`channel_${one.channel}`)}
              <br />
              <code className="quiet">{one.endpoint}</code>
            </td>
            <td>{one.maker}</td>
            <td>
              <span className={`tag ${looks[one.status]}`}>{t(`subscription_${one.status}`)}</span>
            </td>
            <td className="number">
              {number(one.events)}
              {one.waiting > 0 && <div className="soon">{t('waitingEvents', { count: one.waiting })}</div>}
            </td>
            <td className="number">{one.sentAt === null ? t('notYet') : moment(one.sentAt)}</td>
            <td className="wide">
              {one.lastError !== null && (
                <>
                  {one.lastError}
                  <div className="quiet number">
                    {one.lastErrorAt !== null && moment(one.lastErrorAt)}
                    {one.nextTryAt !== null && ` · ${t('nextTry', { at: moment(one.nextTryAt) })}`}
                  </div>
                </>
              )}
            </td>
            <td className="buttons end">
              <Button disabled={resend.isPending} onClick={() => resend.mutate(one.id)}>
                {t(one.status === 'off' ? 'beginAgain' : 'sendNow')}
              </Button>
              {one.status !== 'off' && <Button onClick={() => setEnding(one)}>{t('endSubscription')}…</Button>}
            </td>
          </tr>
        )}
      />
      {making && <SubscriptionDialog close={() => setMaking(false)} />}
      {ending && (
        <SureDialog
          title={`${t('endSubscription')} · ${ending.topic.title}`}
          text={t('endSubscriptionHint')}
          act={t('endSubscription')}
          doing={{ ...end, mutate: () => end.mutate(ending.id) }}
          close={() => setEnding(undefined)}
        />
      )}
    </>
  )
}
