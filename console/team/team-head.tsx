import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useWords } from '../i18n.ts'
import { useAccount } from '../parts/session-context.ts'

const pages = { people: '/team', coverage: '/team/coverage' } as const

/** The head of the team's pages, with the way from one to the other. */
export function TeamHead({ here, children }: { here: keyof typeof pages; children?: ReactNode }) {
  const { t } = useWords()
  const { may } = useAccount()
  return (
    <div className="page-head flat">
      <h1>{t('team')}</h1>
      <nav className="tabs" aria-label={t('views')}>
        {(['people', 'coverage'] as const)
          .filter((one) => one !== 'coverage' || may('work.manage'))
          .map((one) => (
            <Link
              key={one}
              to={pages[one]}
              activeOptions={{ exact: true }}
              aria-current={here === one ? 'true' : undefined}
            >
              {t(`team_${one}`)}
            </Link>
          ))}
      </nav>
      {children !== undefined && <span className="head-right tags">{children}</span>}
    </div>
  )
}
