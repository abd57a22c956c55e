import { getRouteApi, Link } from '@tanstack/react-router'
import { useWords } from '../i18n.ts'
import { Subscriptions } from './subscriptions.tsx'
import { Transfers } from './transfers.tsx'

const route = getRouteApi('/flows')

/** What leaves and enters the record by itself: subscriptions, exports, imports. */
export function FlowsPage() {
  const { t } = useWords()
  const { show = 'subscriptions' } = route.useSearch()
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('flows')}</h1>
        <nav className="tabs" aria-label={t('views')}>
          {(['subscriptions', 'transfers'] as const).map((one) => (
            <Link
              key={one}
              to="/flows"
              search={one === 'subscriptions' ? {} : { show: one }}
              activeOptions={{ exact: true }}
              aria-current={show === one ? 'true' : undefined}
            >
              {t(one)}
            </Link>
          ))}
        </nav>
      </div>
      {show === 'subscriptions' ? <Subscriptions /> : <Transfers />}
    </div>
  )
}
