import type { Resource } from '@medplum/fhirtypes'

/** What is wrong with a line of a file. `line` is 1-based, the head of a table included; of a Bundle it is the entry. */
export interface LineFault {
  line: number
  /** A column of a table, or a path in a resource; undefined when the whole line is meant. */
  column: string | undefined
  /** Stable, for programs: `unknown-place`, `required` … */
  code: string
  /** For people. */
  message: string
}

/** What a line of a file would do to the record. */
export interface PlannedLine {
  line: number
  /** Whom or what it is about, in words. */
  about: string
  act: 'new' | 'changed' | 'same'
  /** What would be other than it is: a column or an element, and its two values. */
  changes: { what: string; from: string; to: string }[]
}

/** What a file would change in the record. With faults there are no writes: it is taken whole or not at all. */
export interface PlannedFile {
  lines: PlannedLine[]
  /** Resources as they would be, those that stay as they are left out; `meta.versionId` is that of the present version. */
  writes: (Resource & { id: string })[]
  faults: LineFault[]
}

/** The line with what differs between two rows, over the columns that the file has. */
export function plannedLine(
  line: number,
  about: string,
  {
    columns,
    before,
    after,
  }: {
    columns: readonly string[]
    /** undefined: there was nothing. */
    before: Readonly<Record<string, string>> | undefined
    after: Readonly<Record<string, string>>
  },
): PlannedLine {
  const changes = columns.flatMap((what) => {
    const [from, to] = [before?.[what] ?? '', after[what] ?? '']
    return from === to ? [] : [{ what, from, to }]
  })
  return { line, about, act: before === undefined ? 'new' : changes.length > 0 ? 'changed' : 'same', changes }
}
