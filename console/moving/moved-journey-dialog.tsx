import { Button, Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Move, MovedJourney } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { movedJourneyQuery } from '../api/move-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'

/** One journey before and after, side by side, with each thing that changes in a sentence. */
export function MovedJourneyDialog({ move, journey, close }: { move: Move; journey: string; close: () => void }) {
  const { t } = useWords()
  const one = useQuery(movedJourneyQuery(move.id, journey))
  return (
    <Modal opened onClose={close} size="xl" title={t('moveOneJourney')} closeButtonProps={{ 'aria-label': t('close') }}>
      {one.isPending && <Waiting />}
      {one.error && !one.data && <Failure error={one.error} retry={one.refetch} />}
      {one.data && <Shown move={move} one={one.data} close={close} />}
    </Modal>
  )
}

function Shown({ move, one, close }: { move: Move; one: MovedJourney; close: () => void }) {
  const { t, code } = useWords()
  const account = useAccount()
  const path = `/api/moves/${encodeURIComponent(move.id)}`
  const act = { anew: [['moves']], done: close }
  const decide = useAct(
    (decision: 'keep' | 'move') =>
      call('POST', `${path}/journeys/${encodeURIComponent(one.journey)}/decision`, { decision }),
    act,
  )
  const undo = useAct(() => call('POST', `${path}/undo`, { journeys: [one.journey] }), act)
  const may = account.may('journeys.move')
  const open = move.status === 'running' || move.status === 'paused'
  return (
    <div className="form">
      <p>
        <span className="tag">{one.status === null ? code('moveFate', one.fate) : code('moveRow', one.status)}</span>{' '}
        <Link to="/journeys/$id" params={{ id: one.journey }}>
          {t('openJourney')}
        </Link>
      </p>
      {one.reasons.map((reason) => (
        <p key={reason}>{reason}</p>
      ))}
      {one.notUndone && (
        <p role="note">
          {one.notUndone.sentence} {one.notUndone.instead}
        </p>
      )}
      <div className="move-sides">
        <Side title={t('version', { n: move.from })} side={one.before} />
        {one.after ? (
          <Side title={t('version', { n: move.to })} side={one.after} />
        ) : (
          <p className="quiet">{t('moveNotNow')}</p>
        )}
      </div>
      {one.changes.length > 0 && (
        <section aria-label={t('moveChanges')}>
          <h3>{t('moveChanges')}</h3>
          <ul>
            {one.changes.map((change, index) => (
              <li key={index} className={change.change === 'kept' ? 'quiet' : ''}>
                {change.sentence}
              </li>
            ))}
          </ul>
        </section>
      )}
      {may && (
        <div className="form-end">
          {one.status === 'ask' && open && (
            <>
              <Button loading={decide.isPending} onClick={() => decide.mutate('keep')}>
                {t('decideKeep')}
              </Button>
              {one.asked.length > 0 && (
                <Button loading={decide.isPending} onClick={() => decide.mutate('move')}>
                  {t('decideMove')}
                </Button>
              )}
            </>
          )}
          {one.status === 'moved' && (
            <Button loading={undo.isPending} onClick={() => undo.mutate()}>
              {t('undoOne')}
            </Button>
          )}
        </div>
      )}
    </div>
  )
}

function Side({ title, side }: { title: string; side: MovedJourney['before'] }) {
  const { t, either, momentOfYear } = useWords()
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <dl className="facts">
        <dt>{t('stage')}</dt>
        <dd>{side.stage ? either(side.stage) : '–'}</dd>
        <dt>{t('waits')}</dt>
        <dd>
          {side.waitingFor.map((one) => (
            <div key={one}>{one}</div>
          ))}
        </dd>
        <dt>{t('moveTimers')}</dt>
        <dd>
          {side.timers.length === 0
            ? '–'
            : side.timers.map((timer, index) => (
                <div key={index}>
                  {timer.of}: {momentOfYear(timer.due)}
                </div>
              ))}
        </dd>
      </dl>
    </section>
  )
}
