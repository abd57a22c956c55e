import { Button, NativeSelect, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { CommentList, Graph } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { commentsQuery } from '../api/pathway-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'

const pathOf = ({ track, id }: Graph['nodes'][number]) => `tracks.${track}.steps.${id}`

/** What people say of a draft and of its steps. */
export function Comments({ draft, graph }: { draft: string; graph: Graph | null }) {
  const { t } = useWords()
  const comments = useQuery(commentsQuery(draft))
  if (comments.isPending) return <Waiting />
  if (!comments.data) return <Failure error={comments.error} retry={comments.refetch} />
  const { items } = comments.data
  return (
    <div className="two-wide">
      <section aria-label={t('view_comments')}>
        {items.length === 0 && <Empty title={t('noComments')} hint={t('noCommentsHint')} />}
        <ul className="plain">
          {items.map((one) => (
            <Comment key={one.id} draft={draft} comment={one} graph={graph} />
          ))}
        </ul>
      </section>
      <Say draft={draft} graph={graph} />
    </div>
  )
}

function Comment({
  draft,
  comment,
  graph,
}: {
  draft: string
  comment: CommentList['items'][number]
  graph: Graph | null
}) {
  const { t, either, moment } = useWords()
  const account = useAccount()
  const resolve = useAct(
    () =>
      call('PUT', `/api/drafts/${draft}/comments/${comment.id}`, {
        resolved: comment.resolved === null,
      }),
    { anew: [['pathways']] },
  )
  const step = graph?.nodes.find((node) => pathOf(node) === comment.path)
  return (
    <li className="card-plain" data-testid="comment">
      <p>
        {comment.path !== '' && <span className="tag">{step ? either(step.title) : comment.path}</span>}{' '}
        <strong>{comment.author.name}</strong> <span className="quiet">{moment(comment.at)}</span>
      </p>
      <p>{comment.text}</p>
      <div className="acts">
        {comment.resolved && <span className="good-text">{t('resolvedBy', { name: comment.resolved.by.name })}</span>}
        {account.may('pathways.write') && (
          <Button size="xs" loading={resolve.isPending} onClick={() => resolve.mutate()}>
            {t(comment.resolved ? 'openAgain' : 'resolve')}
          </Button>
        )}
      </div>
    </li>
  )
}

function Say({ draft, graph }: { draft: string; graph: Graph | null }) {
  const { t, either } = useWords()
  const [text, setText] = useState('')
  const [path, setPath] = useState('')
  const say = useAct(() => call('POST', `/api/drafts/${draft}/comments`, { path, text: text.trim() }), {
    anew: [['pathways']],
    done: () => setText(''),
    quiet: true,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() !== '') say.mutate()
  }
  return (
    <form className="form" onSubmit={submit} aria-label={t('sayComment')}>
      <FormFailure error={say.error} />
      <NativeSelect
        label={t('aboutStep')}
        value={path}
        data={[
          { value: '', label: t('aboutWhole') },
          ...(graph?.nodes ?? []).map((node) => ({ value: pathOf(node), label: either(node.title) })),
        ]}
        onChange={(event) => setPath(event.currentTarget.value)}
      />
      <Textarea
        label={t('comment')}
        maxLength={2_000}
        autosize
        minRows={3}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className="form-end">
        <Button type="submit" variant="filled" disabled={text.trim() === ''} loading={say.isPending}>
          {t('sayComment')}
        </Button>
      </div>
    </form>
  )
}
