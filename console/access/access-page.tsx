import { getRouteApi, Link } from '@tanstack/react-router'
import { useWords } from '../i18n.ts'
import { useAccount } from '../parts/session-context.ts'
import { Emergencies } from './emergencies.tsx'
import { Policy } from './policy.tsx'
import { WhyTester } from './why-tester.tsx'

const route = getRouteApi('/access')

/** Who may see what: the policy, a tester for it, and every emergency access. */
export function AccessPage() {
  const { t } = useWords()
  const account = useAccount()
  const { show = 'policy' } = route.useSearch()
  const views = (['policy', 'why', 'emergencies'] as const).filter(
    (one) => one !== 'emergencies' || account.may('access.review'),
  )
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('access')}</h1>
        <nav className="tabs" aria-label={t('views')}>
          {views.map((one) => (
            <Link
              key={one}
              to="/access"
              search={one === 'policy' ? {} : { show: one }}
              activeOptions={{ exact: true }}
              aria-current={show === one ? 'true' : undefined}
            >
              {t(`access_${one}`)}
            </Link>
          ))}
        </nav>
      </div>
      {show === 'policy' ? <Policy /> : show === 'why' ? <WhyTester /> : <Emergencies />}
    </div>
  )
}
