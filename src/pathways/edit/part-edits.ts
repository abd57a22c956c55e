import { parse as parseYaml, stringify } from 'yaml'
import { allSteps, changed, type Design, type DesignStep, findStep, freshName, renamed } from './design.ts'
import { afterOf, follow, renameStep } from './step-edits.ts'

interface Said {
  en: string
  fr: string
}

export const addTrack = (design: Design, title: Said): { design: Design; id: string } => {
  const id = freshName(title.en, Object.keys(design.tracks))
  return { id, design: changed(design, (copy) => void (copy.tracks[id] = { title, steps: {} })) }
}

export const removeTrack = (design: Design, id: string): Design =>
  changed(design, (copy) => void delete copy.tracks[id])

export const renameTrack = (design: Design, id: string, to: string): Design =>
  to in design.tracks ? design : changed(design, (copy) => void (copy.tracks = renamed(copy.tracks, id, to)))

export const editTrack = (
  design: Design,
  id: string,
  change: (track: Design['tracks'][string]) => Design['tracks'][string],
): Design =>
  changed(design, (copy) => {
    const track = copy.tracks[id]
    if (track) copy.tracks[id] = change(track)
  })

export const addStage = (design: Design, title: Said, after?: string): { design: Design; id: string } => {
  const id = freshName(
    title.en,
    design.stages.map((stage) => stage.id),
  )
  return {
    id,
    design: changed(design, (copy) => {
      const place = copy.stages.findIndex((stage) => stage.id === after)
      copy.stages.splice(place === -1 ? copy.stages.length : place + 1, 0, { id, title })
    }),
  }
}

/** A stage in two: the second comes after it and takes the named steps, from which on a journey is in it. */
export function splitStage(
  design: Design,
  { stage, title, steps }: { stage: string; title: Said; steps: readonly string[] },
): { design: Design; id: string } {
  const added = addStage(design, title, stage)
  return {
    id: added.id,
    design: changed(added.design, (copy) => {
      for (const id of steps) {
        const step = findStep(copy, id)?.step
        if (step) step.stage = added.id
      }
    }),
  }
}

/** Without a stage: its steps say no stage any more, and a journey that comes to them stays in the one before. */
export const removeStage = (design: Design, id: string): Design =>
  changed(design, (copy) => {
    copy.stages = copy.stages.filter((stage) => stage.id !== id)
    for (const { step } of allSteps(copy)) if (step.stage === id) delete step.stage
  })

/** Changes what the whole pathway says; an `undefined` takes a part away. */
export const editTop = (design: Design, change: Partial<Design>): Design => ({ ...structuredClone(design), ...change })

/** Steps as a text that can be pasted into another pathway: with the lines between them, and the variables they may speak of. */
export function copySteps(design: Design, ids: readonly string[]): string {
  const steps: Record<string, DesignStep> = {}
  for (const id of ids) {
    const found = findStep(design, id)
    if (!found) continue
    const { needs, from } = afterOf(found.step)
    const inner = from.filter((edge) => ids.includes(edge.split('.')[0] ?? ''))
    steps[id] = findStep(follow(design, id, { needs, from: inner }), id)?.step ?? found.step
  }
  const text = JSON.stringify(steps)
  const variables = Object.fromEntries(
    Object.entries(design.variables ?? {}).filter(([name]) => new RegExp(`\\b${name}\\b`).test(text)),
  )
  return stringify({ steps, ...(Object.keys(variables).length > 0 ? { variables } : {}) }, { lineWidth: 0 })
}

/** Steps of a copied text in a track, under names that are free here; undefined when the text holds no steps. */
export function pasteSteps(design: Design, track: string, text: string): { design: Design; ids: string[] } | undefined {
  let content: unknown
  try {
    content = parseYaml(text, { maxAliasCount: 50 })
  } catch {
    return undefined
  }
  if (typeof content !== 'object' || content === null || !('steps' in content) || !design.tracks[track])
    return undefined
  const { steps, variables = {} } = content as {
    steps: Record<string, DesignStep>
    variables?: NonNullable<Design['variables']>
  }
  if (
    typeof steps !== 'object' ||
    steps === null ||
    !Object.values(steps).every((one) => typeof one === 'object' && one)
  )
    return undefined
  // Renamed among themselves first, so that the lines between them follow.
  const here = new Set(allSteps(design).map(({ id }) => id))
  const taken = new Set([...here, ...Object.keys(steps)])
  let alone: Design = { ...design, tracks: { [track]: { steps } } }
  for (const id of Object.keys(steps)) {
    if (!here.has(id)) continue
    const free = freshName(id, taken)
    taken.add(free)
    alone = renameStep(alone, id, free)
  }
  const stages = new Set(design.stages.map((stage) => stage.id))
  return {
    ids: Object.keys(alone.tracks[track]?.steps ?? {}),
    design: changed(design, (copy) => {
      for (const [id, step] of Object.entries(alone.tracks[track]?.steps ?? {})) {
        const { stage, ...rest } = step
        const target = copy.tracks[track]
        if (target) target.steps[id] = stage !== undefined && stages.has(stage) ? step : rest
      }
      const added = Object.entries(variables).filter(([name]) => !(name in (copy.variables ?? {})))
      if (added.length > 0) copy.variables = { ...copy.variables, ...Object.fromEntries(added) }
    }),
  }
}
