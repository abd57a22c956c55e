import { useEffect, useMemo, useRef, useState } from 'react'
import type { DesignSurroundings, Finding } from '../../src/contracts/index.ts'
import {
  checkSource,
  type Definition,
  type Design,
  readDesign,
  type Surroundings,
  type Template,
  writeDesign,
} from '../../src/pathways/index.ts'
import type { Chosen, Designer, Work } from './design-context.ts'
import { begun, done, redone, undone } from './history.ts'

const pause = 200
const empty: Design = { pathway: 'new', title: { en: '', fr: '' }, owner: '', starts: [], stages: [], tracks: {} }

/** A draft being worked on: its text is the one truth, which forms and picture read and write. */
export function useDesign(initial: Work, surroundings: DesignSurroundings): Designer {
  const [history, setHistory] = useState(() => begun(initial))
  const [chosen, choose] = useState<Chosen>({ kind: 'pathway' })
  const work = history.now
  const read = useMemo(() => readDesign(work.source), [work.source])
  const last = useRef(read ?? empty)
  if (read) last.current = read
  const design = read ?? last.current
  const templates = useMemo(() => {
    const own = new Set(work.templates.map((one) => one.template))
    return [...work.templates, ...surroundings.templates.filter((one) => !own.has(one.template))]
  }, [work.templates, surroundings])
  const { definition, findings, checked } = useFindings(work.source, surroundings, templates)
  const actions = useMemo(
    () => ({
      edit: (change: (design: Design) => Design, about?: string) =>
        setHistory((before) => {
          const from = readDesign(before.now.source)
          if (!from) return before
          const source = writeDesign(before.now.source, change(from))
          return source === before.now.source ? before : done(before, { ...before.now, source }, about)
        }),
      write: (change: Partial<Work>, about?: string) =>
        setHistory((before) => done(before, { ...before.now, ...change }, about)),
      undo: () => setHistory(undone),
      redo: () => setHistory(redone),
    }),
    [],
  )
  return {
    work,
    design,
    readable: read !== undefined,
    definition,
    findings,
    checked,
    surroundings,
    templates,
    chosen: stillThere(design, chosen),
    choose,
    ...actions,
    mayUndo: history.past.length > 0,
    mayRedo: history.future.length > 0,
  }
}

/** What is chosen, unless it is gone. */
function stillThere(design: Design, chosen: Chosen): Chosen {
  const has = (id: string) => Object.values(design.tracks).some((track) => id in track.steps)
  const there =
    chosen.kind === 'pathway' ||
    (chosen.kind === 'track' && chosen.id in design.tracks) ||
    (chosen.kind === 'step' && has(chosen.id)) ||
    (chosen.kind === 'line' && has(chosen.from) && has(chosen.to))
  return there ? chosen : { kind: 'pathway' }
}

export const surroundingsOf = (given: DesignSurroundings, templates: readonly Template[]): Surroundings => ({
  roles: given.roles.map((role) => role.id),
  templates,
  table: given.table,
  channels: given.channels,
  kinds: given.kinds,
  forms: given.forms.flatMap(({ url, versions }) => [
    ...(versions.some(({ status }) => status === 'active') ? [url] : []),
    ...versions.map(({ canonical }) => canonical),
  ]),
  formLinks: given.formLinks,
  connectors: given.connectors,
  automations: given.automations,
  pathways: given.pathways.map((one) => ({ ...one, variables: one.variables as Definition['variables'] })),
})

interface Checked {
  source: string
  definition: Definition | undefined
  findings: Finding[]
}

/** What the checker says, once typing has paused for a moment. */
function useFindings(source: string, given: DesignSurroundings, templates: readonly Template[]) {
  const around = useMemo(() => surroundingsOf(given, templates), [given, templates])
  const look = (text: string): Checked => {
    const { definition, findings } = checkSource(text, around)
    return {
      source: text,
      definition,
      findings: findings.map(({ line, column, ...rest }) => ({
        ...rest,
        ...(line === undefined ? {} : { line }),
        ...(column === undefined ? {} : { column }),
      })),
    }
  }
  const [checked, setChecked] = useState(() => look(source))
  const latest = useRef(look)
  latest.current = look
  useEffect(() => {
    const timer = setTimeout(() => setChecked(latest.current(source)), pause)
    return () => clearTimeout(timer)
  }, [source, around])
  return { definition: checked.definition, findings: checked.findings, checked: checked.source === source }
}
