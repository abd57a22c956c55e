import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { call } from '../api/call.ts'
import { movesQuery } from '../api/move-queries.ts'
import { pathwaysQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import { MoveStatus } from './move-status.tsx'

const route = getRouteApi('/moves')

export function MovesPage() {
  const { t, either, date, number } = useWords()
  const account = useAccount()
  const { pathway, to } = route.useSearch()
  const moves = useQuery(movesQuery(pathway))
  const pathways = useQuery(pathwaysQuery)
  const one = pathways.data?.items.find((item) => item.id === pathway)
  return (
    <div className="page">
      {pathway === undefined ? null : (
        <Link to="/pathways/$id" params={{ id: pathway }} className="back">
          <Icon name="back" /> {one ? either(one.title) : pathway}
        </Link>
      )}
      <h1>{t('moves')}</h1>
      <p className="lead quiet">{t('movesLead')}</p>
      {pathway !== undefined && account.may('pathways.write') && (
        <>
          {pathways.isPending && <Waiting lines={3} />}
          {pathways.error && !pathways.data && <Failure error={pathways.error} retry={pathways.refetch} />}
          {pathways.data && !one && <Empty title={t('error_pathway-not-found')} />}
          {one && <Begin pathway={one} to={to ?? one.activeVersion} />}
        </>
      )}
      <Listing
        title={t('movesSoFar')}
        empty={t('noMoves')}
        query={moves}
        columns={[t('pathway'), t('moveFromTo'), t('status'), t('note'), t('madeBy'), t('moveMoved')]}
        row={(move) => (
          <tr key={move.id}>
            <th scope="row">
              <Link to="/moves/$id" params={{ id: move.id }}>
                {either(move.title)}
              </Link>
            </th>
            <td>{t('moveVersions', { from: move.from, to: move.to })}</td>
            <td>
              <MoveStatus status={move.status} />
            </td>
            <td>{move.note}</td>
            <td>
              {move.madeBy}
              <br />
              <span className="quiet">{date(move.madeAt)}</span>
            </td>
            <td className="number">{number(move.progress['moved'] ?? 0)}</td>
          </tr>
        )}
      />
    </div>
  )
}

interface Running {
  id: string
  versions: { version: number; running: number }[]
}

function Begin({ pathway, to }: { pathway: Running; to: number }) {
  const { t } = useWords()
  const navigate = useNavigate()
  const others = pathway.versions.filter((one) => one.version !== to && one.running > 0)
  const [from, setFrom] = useState<string>()
  const [note, setNote] = useState('')
  const chosen = Number(from ?? others[0]?.version)
  const begin = useAct(
    () => call<{ id: string }>('POST', '/api/moves', { pathway: pathway.id, from: chosen, to, note: note.trim() }),
    { anew: [['moves']], quiet: true, done: ({ id }) => void navigate({ to: '/moves/$id', params: { id } }) },
  )
  if (others.length === 0) return <Empty title={t('nobodyToMove', { version: to })} />
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (note.trim() !== '') begin.mutate()
  }
  return (
    <section aria-label={t('beginMove')}>
      <h2>{t('beginMoveTo', { version: to })}</h2>
      <form className="form narrow" onSubmit={submit}>
        <FormFailure error={begin.error} />
        <NativeSelect
          label={t('moveFrom')}
          value={String(chosen)}
          data={others.map((one) => ({
            value: String(one.version),
            label: `${t('version', { n: one.version })} · ${t('running', { count: one.running })}`,
          }))}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          label={t('moveWhy')}
          required
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button type="submit" variant="filled" disabled={note.trim() === ''} loading={begin.isPending}>
            {t('proposeMove')}
          </Button>
        </div>
      </form>
    </section>
  )
}
