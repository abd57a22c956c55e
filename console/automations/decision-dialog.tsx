import { Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Automation } from '../../src/contracts/index.ts'
import { decisionQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Waiting } from '../parts/states.tsx'

/** One decision: what it went by, who looked at it when, and what came of it. */
export function DecisionDialog({ automation, id, close }: { automation: Automation; id: string; close: () => void }) {
  const { t, either, code, moment } = useWords()
  const decision = useQuery(decisionQuery(automation.id, id))
  const named = (answer: string) => {
    const known = automation.answers.find((one) => one.code === answer)
    return known ? either(known.title) : answer
  }
  const one = decision.data
  const times = one
    ? ([
        ['askedAt', one.askedAt],
        ['settledAt', one.settledAt],
        ['takenAt', one.takenAt],
        ['answeredAt', one.answeredAt],
      ] as const)
    : []
  return (
    <Modal opened onClose={close} title={t('decision')} size="lg" closeButtonProps={{ 'aria-label': t('close') }}>
      {decision.isPending && <Waiting lines={4} />}
      {decision.error !== null && <Failure error={decision.error} retry={decision.refetch} />}
      {one && (
        <div data-testid="decision-detail">
          <dl className="facts">
            {times.map(([name, at]) =>
              at === null ? null : (
                <div key={name}>
                  <dt>{t(name)}</dt>
                  <dd>{moment(at)}</dd>
                </div>
              ),
            )}
            {one.level !== null && (
              <div>
                <dt>{t('mayDo')}</dt>
                <dd>{code('authority', one.level)}</dd>
              </div>
            )}
            {one.diff && (
              <div>
                <dt>{t('changed')}</dt>
                <dd>
                  {named(one.diff.from)} → {named(one.diff.to)}
                </dd>
              </div>
            )}
            {one.note !== null && (
              <div>
                <dt>{t('note')}</dt>
                <dd>{one.note}</dd>
              </div>
            )}
            {one.reversal && (
              <div>
                <dt>{t('reversed')}</dt>
                <dd>
                  {one.reversal.to !== null && `${named(one.reversal.to)}. `}
                  {one.reversal.why} <span className="quiet">{one.reversal.by}</span>
                </dd>
              </div>
            )}
            {one.conservative === true && (
              <div>
                <dt>{t('judgement')}</dt>
                <dd>{t('tooBold')}</dd>
              </div>
            )}
          </dl>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('goesBy')}</th>
                <th scope="col">{t('valueWord')}</th>
                <th scope="col">{t('writtenAt')}</th>
              </tr>
            </thead>
            <tbody>
              {one.inputs.map((input) => (
                <tr key={input.name}>
                  <th scope="row">{input.name}</th>
                  <td>{input.value === null ? '–' : String(input.value)}</td>
                  <td>{input.at === null ? '–' : moment(input.at)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="quiet">
            <code title={one.inputsHash}>{one.inputsHash.slice(0, 16)}</code>
          </p>
          {one.feedback.map((told) => (
            <p key={`${told.happenedAt} ${told.outcome}`}>
              {t(`cds_${told.outcome}`)} <span className="quiet">{`${told.by}, ${moment(told.happenedAt)}`}</span>{' '}
              {told.comment}
            </p>
          ))}
        </div>
      )}
    </Modal>
  )
}
