import { useQuery } from '@tanstack/react-query'
import { runbookQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { useRoleTitles } from '../parts/use-role-titles.ts'

/** What to do when an automation fails, short enough for the night. Nothing where nobody has written one. */
export function RunbookCard({ automation }: { automation: string }) {
  const { t, either, code, span } = useWords()
  const titleOf = useRoleTitles()
  const page = useQuery(runbookQuery(automation))
  const content = page.data?.runbook?.content
  if (!page.data) return null
  if (!content) return <p className="quiet">{t('noRunbook')}</p>
  return (
    <section className="runbook" aria-label={t('runbookWord')} data-testid="runbook">
      <h3>
        {t('runbookWord')} <span className="tag">{code('severity', content.severity.level)}</span>
      </h3>
      <p>{either(content.severity.because)}</p>
      <dl>
        <dt>{t('rbSigns')}</dt>
        <dd>
          <ul>
            {content.signs.map((sign) => (
              <li key={sign.en}>{either(sign)}</li>
            ))}
          </ul>
        </dd>
        <dt>{t('rbFallback')}</dt>
        <dd>{either(content.fallback)}</dd>
        <dt>{t('rbTells')}</dt>
        <dd>
          <ol>
            {content.tells.map(({ who, whom, within, says }) => (
              <li key={says.en}>
                {t('rbTellsWhom', { who: titleOf(who), whom: whom.map(titleOf).join(', '), span: span(within) })}{' '}
                {either(says)}
              </li>
            ))}
          </ol>
        </dd>
        <dt>{t('rbRecovered')}</dt>
        <dd>
          <ul>
            {content.recovered.map((sign) => (
              <li key={sign.en}>{either(sign)}</li>
            ))}
          </ul>
        </dd>
      </dl>
    </section>
  )
}
