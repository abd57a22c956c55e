import type { ConceptContent, SystemContent } from './content.ts'
import { refuse } from './errors.ts'
import { findPath, type ReleaseFiles } from './files.ts'

const code = /^\d{4}[0-9A-Z]$/

/**
 * CPT from the text files of the American Medical Association's standard package: long descriptors with tabs (LONGULT,
 * LONGUT) or in fixed fields (LONGULF, LONGUF: code, two-digit counter, text from column 9, continued in the next record),
 * and medium (MEDU) and short (SHORTU) ones in fixed fields from column 7. Each begins with the copyright notice.
 */
export async function readCpt(files: ReleaseFiles, version: string | undefined): Promise<SystemContent> {
  const tabbed = findPath(files, /(^|\/)LONGU?L?T\.txt$/i)
  const fixed = findPath(files, /(^|\/)LONGU?L?F\.txt$/i)
  const path = tabbed ?? fixed
  if (path === undefined)
    throw refuse('files-missing', {
      faults: [{ path: 'LONGULT.txt', message: 'is not among the files, nor LONGULF.txt' }],
    })
  const concepts = new Map<string, ConceptContent>()
  let year: string | undefined
  for await (const line of files.lines(path)) {
    year ??= /\b(20\d\d)\b/.exec(line)?.[1]
    const [of, text] = tabbed === undefined ? [line.slice(0, 5), line.slice(8)] : splitTab(line)
    const display = text.trim()
    // What comes before the first code is the notice.
    if (!code.test(of) || display === '' || (tabbed === undefined && !/^\d\d $/.test(line.slice(5, 8)))) continue
    const known = concepts.get(of)
    if (known) known.display += ` ${display}`
    else concepts.set(of, { code: of, display })
  }
  if (concepts.size === 0)
    throw refuse('files-unreadable', { faults: [{ path, message: 'has no line with a code and its descriptor' }] })
  for (const [pattern, use] of [
    [/(^|\/)MEDU\.txt$/i, 'medium'],
    [/(^|\/)SHORTU\.txt$/i, 'short'],
  ] as const) {
    const other = findPath(files, pattern)
    if (other === undefined) continue
    for await (const line of files.lines(other)) {
      const concept = concepts.get(line.slice(0, 5))
      const value = line.slice(6).trim()
      if (concept && value !== '') (concept.designations ??= []).push({ language: 'en', use, value })
    }
  }
  const named = version ?? [files.name, ...files.paths].map((name) => /(20\d\d)/.exec(name)?.[1]).find(Boolean) ?? year
  if (named === undefined)
    throw refuse('version-needed', { faults: [{ path: 'version', message: 'is not in any name' }] })
  return {
    url: 'http://www.ama-assn.org/go/cpt',
    version: named,
    title: `CPT ${named}`,
    content: 'complete',
    order: 'rank',
    concepts: [...concepts.values()],
  }
}

function splitTab(line: string): [string, string] {
  const tab = line.indexOf('\t')
  return tab < 0 ? ['', ''] : [line.slice(0, tab).trim(), line.slice(tab + 1)]
}
