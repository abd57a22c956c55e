import { Button, Textarea } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { CommentList } from '../../src/contracts/index.ts'
import { call, get } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { useAct } from '../parts/use-act.ts'
import { stepOfPath, useDesigner } from './design-context.ts'
import { useStepWords } from './use-step-words.ts'

const base = (draft: string) => `/api/drafts/${encodeURIComponent(draft)}/comments`
const commentsQuery = (draft: string) =>
  queryOptions({ queryKey: ['pathways', 'comments', draft], queryFn: () => get<CommentList>(base(draft)) })

/** How many comments are open, in all and by step. */
export function useComments(draft: string) {
  const items = useQuery(commentsQuery(draft)).data?.items
  return useMemo(() => {
    const bySteps = new Map<string, number>()
    const open = (items ?? []).filter((one) => one.resolved === null)
    for (const one of open) {
      const step = stepOfPath(one.path)
      if (step !== undefined) bySteps.set(step, (bySteps.get(step) ?? 0) + 1)
    }
    return { open: open.length, bySteps }
  }, [items])
}

/** What people say of the draft, and of its steps. */
export function CommentsPanel({ draft }: { draft: string }) {
  const { t, moment } = useWords()
  const { chosen, choose, design } = useDesigner()
  const words = useStepWords()
  const account = useAccount()
  const comments = useQuery(commentsQuery(draft))
  const [text, setText] = useState('')
  const anew = [['pathways', 'comments', draft]]
  const track =
    chosen.kind === 'step' ? Object.entries(design.tracks).find(([, one]) => chosen.id in one.steps)?.[0] : undefined
  const path = chosen.kind === 'step' && track !== undefined ? `tracks.${track}.steps.${chosen.id}` : ''
  const add = useAct(() => call('POST', base(draft), { path, text: text.trim() }), { anew, done: () => setText('') })
  const resolve = useAct(
    ({ id, resolved }: { id: string; resolved: boolean }) =>
      call('PUT', `${base(draft)}/${encodeURIComponent(id)}`, { resolved }),
    { anew },
  )
  const shown = (comments.data?.items ?? []).toSorted(
    (a, b) => Number(a.resolved !== null) - Number(b.resolved !== null) || b.at.localeCompare(a.at),
  )
  return (
    <div className="design-form">
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          if (text.trim() !== '') add.mutate()
        }}
      >
        <Textarea
          size="xs"
          rows={3}
          maxLength={2000}
          label={
            chosen.kind === 'step' ? t('designCommentOn', { step: words.title(chosen.id) }) : t('designCommentWhole')
          }
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button type="submit" disabled={text.trim() === ''} loading={add.isPending}>
            {t('comment')}
          </Button>
        </div>
      </form>
      {comments.error && <Failure error={comments.error} retry={comments.refetch} />}
      {comments.data && shown.length === 0 && <p className="quiet">{t('designNoComments')}</p>}
      <ul className="design-comments">
        {shown.map((one) => {
          const step = stepOfPath(one.path)
          return (
            <li key={one.id} data-resolved={one.resolved !== null}>
              <p className="quiet">
                {one.author.name} · {moment(one.at)}
                {step !== undefined && (
                  <>
                    {' · '}
                    <button type="button" className="plain-button" onClick={() => choose({ kind: 'step', id: step })}>
                      {words.title(step)}
                    </button>
                  </>
                )}
              </p>
              <p className="lines-kept">{one.text}</p>
              {account.may('pathways.write') && (
                <button
                  type="button"
                  className="plain-button"
                  onClick={() => resolve.mutate({ id: one.id, resolved: one.resolved === null })}
                >
                  {t(one.resolved === null ? 'designResolve' : 'designReopen')}
                </button>
              )}
            </li>
          )
        })}
      </ul>
    </div>
  )
}
