import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { WorkDetail, WorkItem } from '../../src/contracts/index.ts'
import { ApiError, call } from '../api/call.ts'
import { taskQuery, workCountsQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { tellFailure } from '../parts/failure.tsx'
import { type Act, isAsking, isJoining } from './task-rules.ts'

export interface Doing {
  item: Pick<WorkItem, 'id' | 'version' | 'title'>
  act: Act
  body?: Record<string, unknown>
  /** Said already, e.g. when it undoes something. */
  quiet?: boolean
}

/** Does acts on tasks: sends the version that was looked at, tells the outcome, offers an undo where there is one. */
export function useTaskActs() {
  const queries = useQueryClient()
  const { t, either } = useWords()
  const doing = useMutation({
    mutationFn: ({ item, act, body }: Doing) =>
      call<WorkDetail>('POST', `/api/work/${encodeURIComponent(item.id)}/${act}`, {
        ...(act === 'comment' ? {} : { version: item.version }),
        ...body,
      }),
    onSuccess(detail, { act, quiet }) {
      queries.setQueryData(taskQuery(detail.id).queryKey, detail)
      void queries.invalidateQueries({ queryKey: ['work', 'list'] })
      void queries.invalidateQueries({ queryKey: workCountsQuery.queryKey })
      if (!quiet) tell(detail, act)
    },
    onError(error, { act, item }) {
      // A dialog shows its refusal itself, beside what was written in it.
      if (!isAsking(act) && !isJoining(act)) tellFailure(t, error)
      if (error instanceof ApiError && [403, 404, 409].includes(error.status)) {
        void queries.invalidateQueries({ queryKey: taskQuery(item.id).queryKey })
        void queries.invalidateQueries({ queryKey: ['work', 'list'] })
      }
    },
  })
  const tell = (detail: WorkDetail, act: Act) => {
    const back = act === 'claim' ? 'release' : act === 'release' ? 'claim' : undefined
    const id = `task-${detail.id}`
    const undo = () => {
      notifications.hide(id)
      if (back) doing.mutate({ item: detail, act: back, quiet: true })
    }
    notifications.hide(id)
    notifications.show({
      id,
      color: 'pine',
      autoClose: back ? 8_000 : 4_000,
      closeButtonProps: { 'aria-label': t('close') },
      message: (
        <span className="toast">
          {t(`did_${act}`, { title: either(detail.title) })}
          {back && <Button onClick={undo}>{t('undo')}</Button>}
        </span>
      ),
    })
  }
  return doing
}

export type TaskActs = ReturnType<typeof useTaskActs>
