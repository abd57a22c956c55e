import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Move } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { moveQuery } from '../api/move-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { SureDialog } from '../parts/sure-dialog.tsx'
import { useAct } from '../parts/use-act.ts'
import { MappingEditor } from './mapping-editor.tsx'
import { MovePreviewed } from './move-previewed.tsx'
import { MoveProgress } from './move-progress.tsx'
import { MoveStatus } from './move-status.tsx'
import { MovedJourneyDialog } from './moved-journey-dialog.tsx'

const route = getRouteApi('/moves/$id')

export function MovePage() {
  const { id } = route.useParams()
  const move = useQuery(moveQuery(id))
  if (move.isPending) return <Waiting />
  if (!move.data) return <Failure error={move.error} retry={move.refetch} />
  return <Shown move={move.data} />
}

function Shown({ move }: { move: Move }) {
  const { t, either, date, number } = useWords()
  const account = useAccount()
  const [looking, setLooking] = useState<string>()
  const draft = move.status === 'draft'
  return (
    <div className="page">
      <Link to="/moves" search={{ pathway: move.pathway }} className="back">
        <Icon name="back" /> {t('moves')}
      </Link>
      <header className="journey-head">
        <div>
          <h1>
            {either(move.title)}: {t('moveVersions', { from: move.from, to: move.to })}
          </h1>
          <p className="lead">{move.note}</p>
          <p>
            <MoveStatus status={move.status} />{' '}
            <span className="quiet">
              {t('moveMade', { by: move.madeBy, date: date(move.madeAt) })}
              {move.approvedBy !== null && move.approvedAt !== null && (
                <> · {t('moveApproved', { by: move.approvedBy, date: date(move.approvedAt) })}</>
              )}
              {' · '}
              {t('moveStillRunning', { count: move.running, number: number(move.running), version: move.from })}
            </span>
          </p>
        </div>
        <div className="head-right">
          <Acts move={move} />
        </div>
      </header>
      {!draft && account.may('journeys.read') && <MoveProgress move={move} look={setLooking} />}
      <MappingEditor key={JSON.stringify(move.mapping)} move={move} />
      {account.may('journeys.read') && <MovePreviewed move={move} look={setLooking} />}
      {looking !== undefined && (
        <MovedJourneyDialog move={move} journey={looking} close={() => setLooking(undefined)} />
      )}
    </div>
  )
}

function Acts({ move }: { move: Move }) {
  const { t } = useWords()
  const account = useAccount()
  const [sure, setSure] = useState<'stop' | 'undo'>()
  const path = `/api/moves/${encodeURIComponent(move.id)}`
  const anew = [['moves'], ['journeys'], ['pathways']]
  const approve = useAct(() => call('POST', `${path}/approve`), { anew })
  const turn = useAct((to: 'pause' | 'resume') => call('POST', `${path}/turn`, { turn: to }), { anew })
  const done = () => setSure(undefined)
  const stop = useAct(() => call('POST', `${path}/turn`, { turn: 'stop' }), { anew, quiet: true, done })
  const undo = useAct(() => call('POST', `${path}/undo`), { anew, quiet: true, done })
  const mayMove = account.may('journeys.move')
  const moved = move.progress['moved'] ?? 0
  return (
    <>
      {move.status === 'draft' && account.may('pathways.approve') && (
        <Button variant="filled" loading={approve.isPending} onClick={() => approve.mutate()}>
          {t('approveMove')}
        </Button>
      )}
      {mayMove && move.status === 'running' && (
        <Button loading={turn.isPending} onClick={() => turn.mutate('pause')}>
          {t('pauseMove')}
        </Button>
      )}
      {mayMove && move.status === 'paused' && (
        <Button loading={turn.isPending} onClick={() => turn.mutate('resume')}>
          {t('resumeMove')}
        </Button>
      )}
      {mayMove && ['approved', 'running', 'paused'].includes(move.status) && (
        <Button color="red.9" onClick={() => setSure('stop')}>
          {t('stopMove')}
        </Button>
      )}
      {mayMove && moved > 0 && <Button onClick={() => setSure('undo')}>{t('undoMove')}</Button>}
      {sure === 'stop' && (
        <SureDialog title={t('stopMove')} text={t('stopMoveText')} act={t('stopMove')} doing={stop} close={done} />
      )}
      {sure === 'undo' && (
        <SureDialog
          title={t('undoMove')}
          text={t('undoMoveText', { count: moved })}
          act={t('undoMove')}
          doing={undo}
          close={done}
        />
      )}
    </>
  )
}
