import { useQuery } from '@tanstack/react-query'
import { whyAccessQuery } from '../api/access-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { Waiting } from '../parts/states.tsx'
import { useRoleTitles } from '../parts/use-role-titles.ts'

/** The sentence, the rule behind it and what the rule went by. */
export function WhyAnswer({ resource, account }: { resource: string; account: string | undefined }) {
  const { t, either, code } = useWords()
  const titleOf = useRoleTitles()
  const why = useQuery(whyAccessQuery(resource, account))
  if (why.isPending) return <Waiting lines={4} />
  if (!why.data) return <FormFailure error={why.error} />
  const { allowed, rule, sentence, purpose, facts } = why.data
  return (
    <section className="why-answer" data-allowed={allowed} data-testid="why-access" aria-label={t('answer')}>
      <p role="status" className={allowed === true ? 'good-text' : 'late'}>
        <Icon name={allowed === true ? 'done' : 'late'} size={16} /> {either(sentence)}
      </p>
      <dl className="facts">
        {rule !== null && (
          <div>
            <dt>{t('rule')}</dt>
            <dd>
              <code>{rule}</code>
            </dd>
          </div>
        )}
        <div>
          <dt>{t('purpose')}</dt>
          <dd>{code('purpose', purpose)}</dd>
        </div>
      </dl>
      {facts.length > 0 && (
        <>
          <h3>{t('factsHead')}</h3>
          <ul className="lines">
            {facts.map(({ kind, value }, index) => (
              <li key={index}>
                <span>
                  <span className="quiet">{t(`fact_${kind}`)}:</span> {kind === 'role' ? titleOf(value) : value}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
