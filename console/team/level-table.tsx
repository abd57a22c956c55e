import type { ReactNode } from 'react'
import { Fragment } from 'react'
import type { LevelPolicyView, Levels, LevelsPreview } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'

interface LevelTableProps {
  policies: readonly LevelPolicyView[]
  choices: Levels['choices']
  /** How last month's tasks would have stood. */
  found?: LevelsPreview | undefined
  act?: (policy: LevelPolicyView, index: number) => ReactNode
  /** A row of its own under a level, when there is something to show. */
  under?: (policy: LevelPolicyView, index: number) => ReactNode
}

/** Service levels in their order: the first that fits a task holds for it. */
export function LevelTable({ policies, choices, found, act, under }: LevelTableProps) {
  const { t, either, span } = useWords()
  const titleOf = (list: readonly { id: string; title: { en: string; fr: string } }[], id: string) => {
    const known = list.find((one) => one.id === id)
    return known ? either(known.title) : id
  }
  const holdsFor = ({ for: wanted }: LevelPolicyView): string =>
    [
      ...(['kinds', 'services', 'pathways', 'roles'] as const).flatMap((what) =>
        wanted[what] ? [wanted[what].map((id) => titleOf(choices[what], id)).join(', ')] : [],
      ),
      ...(wanted.priorities ? [wanted.priorities.map((one) => t(`priority_${one}`)).join(', ')] : []),
    ].join(' · ')
  const columns = [t('level'), t('levelFor'), t('levelGoalShort'), t('levelAtRisk'), t('levelPause'), t('levelLadder')]
  return (
    <div className="table-wrap" tabIndex={0} role="group" aria-label={t('serviceLevels')}>
      <table className="table levels-table">
        <thead>
          <tr>
            {columns.map((one) => (
              <th key={one} scope="col">
                {one}
              </th>
            ))}
            {found && <th scope="col">{t('levelTried')}</th>}
            {act && (
              <th scope="col">
                <span className="unseen">{t('acts')}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {policies.map((policy, index) => {
            const more = under?.(policy, index)
            const counts = found?.items.find(({ id }) => id === policy.id)
            return (
              <Fragment key={policy.id}>
                <tr data-testid="level-row">
                  <th scope="row">{either(policy.title)}</th>
                  <td className="wide">{holdsFor(policy) || t('levelForAll')}</td>
                  <td className="number goal">
                    {span(policy.goal)}
                    <br />
                    <span className="quiet">
                      {t(`levelHours_${policy.calendar}`, { defaultValue: policy.calendar })}
                    </span>
                  </td>
                  <td className="number">{policy.atRisk} %</td>
                  <td className="number">{policy.longestPause === 0 ? '–' : span(policy.longestPause)}</td>
                  <td>
                    {policy.ladder.length === 0 && <span className="quiet">–</span>}
                    <ol className="rungs">
                      {policy.ladder.map((rung, n) => (
                        <li key={n}>
                          {rung.at} % → {titleOf(choices.roles, rung.to)}
                          {rung.onCall && ` (${t('levelOnCall')})`}
                          {rung.acknowledge !== null && (
                            <span className="quiet"> · {t('levelAnswerWithin', { time: span(rung.acknowledge) })}</span>
                          )}
                        </li>
                      ))}
                    </ol>
                  </td>
                  {found && (
                    <td className="tried">
                      {counts && (
                        <>
                          {t('triedTasks', { count: counts.now.tasks })}
                          <Change word={t('level_at-risk')} now={counts.now.atRisk} before={counts.before?.atRisk} />
                          <Change
                            word={t('level_breached')}
                            now={counts.now.breached}
                            before={counts.before?.breached}
                          />
                        </>
                      )}
                    </td>
                  )}
                  {act && <td className="end">{act(policy, index)}</td>}
                </tr>
                {more && (
                  <tr>
                    <td colSpan={columns.length + (found ? 2 : 1)}>{more}</td>
                  </tr>
                )}
              </Fragment>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function Change({ word, now, before }: { word: string; now: number; before: number | undefined }) {
  const { number } = useWords()
  return (
    <div className={before !== undefined && now > before ? 'late' : ''}>
      {before === undefined || before === now ? number(now) : `${number(before)} → ${number(now)}`} {word}
    </div>
  )
}
