import type { z } from 'zod'
import type { Definition, definitionSchema, Step } from '../model.ts'

/** A pathway while somebody works on it: its content as it is written, which may still lack something. */
export type Design = z.input<typeof definitionSchema>
export type DesignStep = Design['tracks'][string]['steps'][string]

/** A step as the language's own functions take it: they look only at what is written. */
export const asStep = (step: DesignStep): Step => step as Step
export const asDefinition = (design: Design): Definition => design as Definition

/** A changed copy; the design itself stays as it is. */
export function changed(design: Design, change: (copy: Design) => void): Design {
  const copy = structuredClone(design)
  change(copy)
  return copy
}

/** A step and the track it stands in. */
export function findStep(design: Design, id: string): { track: string; step: DesignStep } | undefined {
  for (const [track, { steps }] of Object.entries(design.tracks)) {
    const step = steps[id]
    if (step) return { track, step }
  }
  return undefined
}

export const allSteps = (design: Design): { id: string; track: string; step: DesignStep }[] =>
  Object.entries(design.tracks).flatMap(([track, { steps }]) =>
    Object.entries(steps).map(([id, step]) => ({ id, track, step })),
  )

/** A name for something new that nothing of its sort has yet: from words, `triage`, `triage-2` … */
export function freshName(words: string, taken: Iterable<string>): string {
  const plain = words
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 50)
    .replace(/-+$/, '')
  const base = plain === '' ? 'step' : plain
  const known = new Set(taken)
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? base : `${base}-${n}`
    if (!known.has(name)) return name
  }
}

/** An object with one key called otherwise, in its place. */
export const renamed = <T>(record: Record<string, T>, from: string, to: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key === from ? to : key, value]))
