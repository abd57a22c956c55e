import type { CompiledPathway } from '../compile.ts'

/** The rule by which it rests, by what it listens to; null when the new version has none such. */
export function pausePlace(from: CompiledPathway, to: CompiledPathway, by: number | null): number | null {
  if (by === null) return null
  const heard = (pathway: CompiledPathway) =>
    (pathway.definition.pauses ?? []).map(({ on, when, resume }) => JSON.stringify({ on, when, resume }))
  const place = heard(to).indexOf(heard(from)[by] ?? '')
  return place < 0 ? null : place
}
