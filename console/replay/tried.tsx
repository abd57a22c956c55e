import { Link } from '@tanstack/react-router'
import { useWords } from '../i18n.ts'
import { useAccount } from '../parts/session-context.ts'

/** From a version's or a draft's page to what trying it would show: on the past, and in a simulation. */
export function TryLinks({ pathway, version, draft }: { pathway: string; version?: number; draft?: string }) {
  const { t } = useWords()
  const account = useAccount()
  if (!account.may('journeys.read')) return null
  const search = {
    pathway,
    ...(version === undefined ? {} : { version }),
    ...(draft === undefined ? {} : { draft }),
  }
  return (
    <>
      <Link to="/replays" search={search}>
        {t('replay')}
      </Link>
      <Link to="/simulation" search={search}>
        {t('simulation')}
      </Link>
    </>
  )
}
