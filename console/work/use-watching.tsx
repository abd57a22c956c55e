import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import type { Watched } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { watchedQuery, watchesQuery } from '../api/queue-queries.ts'
import { useWords } from '../i18n.ts'
import { useAct } from '../parts/use-act.ts'

/** Whether something (`Task/…`, `Patient/…`, `journey/…`) is watched, and how to change that. Both ways can be taken back. */
export function useWatching(reference: string): { on: boolean; turn: () => void; busy: boolean } {
  const { t } = useWords()
  const watched = useQuery(watchedQuery)
  const on = watched.data?.items.includes(reference) ?? false
  const doing = useAct((watching: boolean) => call<Watched>(watching ? 'PUT' : 'DELETE', `/api/watches/${reference}`), {
    anew: [watchedQuery.queryKey, watchesQuery.queryKey],
    done: ({ watching }) => {
      const id = `watch-${reference}`
      notifications.show({
        id,
        color: 'pine',
        autoClose: 6_000,
        closeButtonProps: { 'aria-label': t('close') },
        message: (
          <span className="toast">
            {t(watching ? 'nowWatched' : 'notWatched')}
            <Button
              onClick={() => {
                notifications.hide(id)
                doing.mutate(!watching)
              }}
            >
              {t('undo')}
            </Button>
          </span>
        ),
      })
    },
  })
  return { on, turn: () => doing.mutate(!on), busy: doing.isPending || watched.isPending }
}

export function WatchButton({ reference }: { reference: string }) {
  const { t } = useWords()
  const { on, turn, busy } = useWatching(reference)
  return (
    <Button onClick={turn} disabled={busy} aria-pressed={on}>
      {t(on ? 'unwatch' : 'watch')}
    </Button>
  )
}
