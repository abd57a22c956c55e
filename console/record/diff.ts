import { alignment } from '../parts/align.ts'

/** One difference between two versions. `before` undefined: it was added; `after` undefined: it was taken away. */
export interface Change {
  /** As FHIRPath writes it: `name[0].given[1]`. Of what was taken away, in the version before. */
  path: string
  before: unknown
  after: unknown
}

// They differ between any two versions.
const always: readonly string[] = ['meta.versionId', 'meta.lastUpdated']
/** What changed from one version of a resource to another, element by element, in the order of the elements. */
export function changesBetween(before: unknown, after: unknown): Change[] {
  const changes: Change[] = []
  compare('', before, after, changes)
  return changes.filter(({ path }) => !always.includes(path))
}

function compare(path: string, before: unknown, after: unknown, changes: Change[]): void {
  if (JSON.stringify(before) === JSON.stringify(after)) return
  if (Array.isArray(before) && Array.isArray(after)) {
    for (const { from, to } of alignment(before, after))
      compare(
        `${path}[${to ?? from}]`,
        from === undefined ? undefined : before[from],
        to === undefined ? undefined : after[to],
        changes,
      )
    return
  }
  if (isParts(before) && isParts(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
      compare(path === '' ? name : `${path}.${name}`, before[name], after[name], changes)
    return
  }
  changes.push({ path, before, after })
}

const isParts = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
