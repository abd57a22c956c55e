import { Button, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { TerminologySystems } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { loadsQuery, systemsQuery } from '../api/terminology-queries.ts'
import { useWords } from '../i18n.ts'
import { Listing } from '../parts/listing.tsx'
import { SureDialog } from '../parts/sure-dialog.tsx'
import { useAct } from '../parts/use-act.ts'

type System = TerminologySystems['items'][number]

// FHIR itself brings a thousand small ones.
const atFirst = 40

/** Every version of every code system, side by side; those that were loaded here first. */
export function Systems() {
  const { t, number, date } = useWords()
  const systems = useQuery(systemsQuery)
  const loads = useQuery(loadsQuery)
  const [removing, setRemoving] = useState<System>()
  const [filter, setFilter] = useState('')
  const [all, setAll] = useState(false)
  const wanted = filter.trim().toLocaleLowerCase()
  const matching = (systems.data?.items ?? []).filter((one) =>
    `${one.title} ${one.url}`.toLocaleLowerCase().includes(wanted),
  )
  const shown = all ? matching : matching.slice(0, atFirst)
  const loadable = (kind: string) => loads.data?.kinds.some((one) => one.kind === kind) === true
  const anew = [['terminology']]
  const prefer = useAct((id: number) => call('POST', `/api/terminology/systems/${id}/current`), { anew })
  const remove = useAct((id: number) => call('DELETE', `/api/terminology/systems/${id}`), {
    anew,
    done: () => setRemoving(undefined),
    quiet: true,
  })
  return (
    <>
      <Listing
        title={t('codeSystems')}
        empty={t(wanted === '' ? 'noSystems' : 'foundNothing')}
        query={{ ...systems, data: systems.data && { items: shown } }}
        count={matching.length}
        action={
          <TextInput
            size="xs"
            aria-label={t('filterSystems')}
            placeholder={t('filterSystems')}
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
          />
        }
        columns={[t('name'), t('versionHead'), t('origin'), t('concepts'), t('loaded'), '']}
        row={(one) => (
          <tr key={one.id} data-testid="system-row">
            <th scope="row">
              {one.title}
              <br />
              <code className="quiet">{one.url}</code>
            </th>
            <td>
              {one.version} {one.current && <span className="tag good">{t('currentVersion')}</span>}
            </td>
            <td>{t(`origin_${one.kind}`, { defaultValue: t('origin_loaded') })}</td>
            <td className="number">{number(one.concepts)}</td>
            <td className="number">{date(one.loadedAt)}</td>
            <td className="buttons end">
              {!one.current && (
                <Button disabled={prefer.isPending} onClick={() => prefer.mutate(one.id)}>
                  {t('makeCurrent')}
                </Button>
              )}
              {loadable(one.kind) && <Button onClick={() => setRemoving(one)}>{t('takeAway')}…</Button>}
            </td>
          </tr>
        )}
      />
      {matching.length > shown.length && (
        <div className="more">
          <Button onClick={() => setAll(true)}>{t('more')}</Button>
        </div>
      )}
      {removing && (
        <SureDialog
          title={`${t('takeAway')} · ${removing.title} ${removing.version}`}
          text={t('removeSystem')}
          act={t('takeAway')}
          doing={{ ...remove, mutate: () => remove.mutate(removing.id) }}
          close={() => setRemoving(undefined)}
        />
      )}
    </>
  )
}
