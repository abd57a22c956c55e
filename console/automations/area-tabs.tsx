import { Link } from '@tanstack/react-router'
import { useWords } from '../i18n.ts'

/** The pages about automations as a whole. */
export function AreaTabs({ show }: { show: 'automations' | 'flags' }) {
  const { t } = useWords()
  return (
    <nav className="tabs" aria-label={t('views')}>
      <Link to="/automations" aria-current={show === 'automations' ? 'true' : undefined}>
        {t('ladderBoard')}
      </Link>
      <Link to="/flags" aria-current={show === 'flags' ? 'true' : undefined}>
        {t('flagsWord')}
      </Link>
    </nav>
  )
}
