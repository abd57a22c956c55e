import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { Checked, Draft } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { useSettled } from '../parts/use-settled.ts'
import { Findings } from '../source/findings.tsx'
import { goToLine } from '../source/go-to-line.ts'
import { Source } from '../source/source.tsx'
import { SourceEditor } from '../source/source-editor.tsx'
import { SaveBar } from './save-bar.tsx'
import { useSaveDraft } from './use-save-draft.ts'

/** The draft's YAML: to be read, or to be changed with the checker beside it. */
export function DraftSource({ draft }: { draft: Draft }) {
  const { t } = useWords()
  const [text, setText] = useState<string>()
  const value = text ?? draft.source
  const settled = useSettled(value)
  const editor = useRef<HTMLTextAreaElement>(null)
  const checked = useQuery({
    queryKey: ['check', draft.id, settled],
    queryFn: () => call<Checked>('POST', '/api/pathways/check', { source: settled, templates: draft.templates }),
    placeholderData: keepPreviousData,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const queries = useQueryClient()
  // What is written was made from this revision, however often the draft is looked at anew meanwhile.
  const [from, setFrom] = useState(draft.revision)
  const save = useSaveDraft(draft, 'source', {
    saved(revision) {
      setFrom(revision)
      setText(undefined)
    },
  })
  const findings = checked.data?.findings ?? []
  if (draft.may.save !== true) return <Source source={draft.source} findings={findings} />
  const changed = value !== draft.source
  const write = (next: string) => {
    if (text === undefined) setFrom(draft.revision)
    setText(next)
  }
  return (
    <>
      <div className="publish">
        <SourceEditor ref={editor} value={value} change={write} findings={findings} />
        <div className="publish-side" aria-live="polite">
          <h3>
            {t('findings')} <span className="count">{findings.length}</span>
          </h3>
          <Findings findings={findings} go={(line, column) => goToLine(editor.current, value, line, column)} />
        </div>
      </div>
      <SaveBar
        changed={changed}
        mine={value}
        theirs={draft.source}
        by={draft.parts.source}
        saving={save}
        save={() => save.mutate({ value, revision: from })}
        keepMine={() => save.mutate({ value, revision: draft.revision })}
        takeTheirs={() => {
          setText(undefined)
          save.reset()
          void queries.invalidateQueries({ queryKey: ['pathways', 'draft', draft.id] })
        }}
      />
    </>
  )
}
