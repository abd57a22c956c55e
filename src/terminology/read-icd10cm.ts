import sax from 'sax'
import type { ConceptContent, SystemContent } from './content.ts'
import { refuse } from './errors.ts'
import { findPath, needPath, type ReleaseFiles } from './files.ts'

/**
 * ICD-10-CM from what CMS and CDC publish: the order file (all codes, with which are valid for a claim) and, when it is
 * there, the tabular list in XML (chapters, blocks, and the inclusion terms that people search by).
 */
export async function readIcd10cm(files: ReleaseFiles, version: string | undefined): Promise<SystemContent> {
  const order = needPath(files, /icd10cm[-_]order[-_\w]*\.txt$/i, 'icd10cm-order-<year>.txt')
  const concepts = new Map<string, ConceptContent>()
  let number = 0
  for await (const line of files.lines(order)) {
    number += 1
    if (line.trim() === '') continue
    // Columns, counted from 1: 7-13 code without its dot, 15 flag, 17-76 short and 78- long description.
    const raw = line.slice(6, 13).trim()
    const flag = line[14]
    const display = line.slice(77).trim()
    if (!/^[A-Z]\d[0-9A-Z]{1,5}$/.test(raw) || (flag !== '0' && flag !== '1') || display === '')
      throw refuse('files-unreadable', {
        faults: [{ path: `${order}:${number}`, message: 'is no line of an order file' }],
      })
    const code = dotted(raw)
    const short = line.slice(16, 76).trim()
    const parent = parentOf(code, concepts)
    concepts.set(code, {
      code,
      display,
      // A heading is no valid code of a claim: it groups.
      abstract: flag === '0',
      properties: [{ code: 'order', value: line.slice(0, 5).trim(), type: 'integer' }],
      ...(short === display ? {} : { designations: [{ language: 'en', use: 'short', value: short }] }),
      ...(parent === undefined ? {} : { parents: [parent] }),
    })
  }
  const tabular = findPath(files, /icd10cm[-_]tabular[-_\w]*\.xml$/i)
  const told = tabular === undefined ? undefined : await addTabular(files, tabular, concepts)
  const named = version ?? told ?? /(20\d\d)/.exec(order.split('/').at(-1) ?? '')?.[1]
  if (named === undefined)
    throw refuse('version-needed', { faults: [{ path: 'version', message: 'is not in the file’s name' }] })
  return {
    url: 'http://hl7.org/fhir/sid/icd-10-cm',
    version: named,
    title: `ICD-10-CM ${named}`,
    content: 'complete',
    order: 'rank',
    concepts: [...concepts.values()],
  }
}

const dotted = (raw: string): string => (raw.length > 3 ? `${raw.slice(0, 3)}.${raw.slice(3)}` : raw)

/** The longest shorter code: a seventh character may follow a fifth (`S52.5` … `S52.501A`), placeholders between. */
function parentOf(code: string, concepts: ReadonlyMap<string, unknown>): string | undefined {
  for (let end = code.length - 1; end >= 3; end -= 1) {
    const above = code.slice(0, end).replace(/\.$/, '')
    if (above.length >= 3 && concepts.has(above)) return above
  }
  return undefined
}

/** Adds chapters and blocks above, and inclusion terms; returns the version that the list tells. */
async function addTabular(
  files: ReleaseFiles,
  path: string,
  concepts: Map<string, ConceptContent>,
): Promise<string | undefined> {
  const xml = sax.parser(true, { trim: true })
  const stack: string[] = []
  const diagnoses: string[] = []
  let chapter: ConceptContent | undefined
  let block: ConceptContent | undefined
  let version: string | undefined
  let failed: Error | undefined
  xml.onerror = (error) => {
    failed ??= error
    xml.resume()
  }
  xml.onopentag = ({ name, attributes }) => {
    stack.push(name)
    if (name === 'chapter') {
      chapter = { code: '', display: '', abstract: true }
      block = undefined
    }
    if (name === 'section' && typeof attributes['id'] === 'string')
      block = {
        code: attributes['id'],
        display: '',
        abstract: true,
        ...(chapter && chapter.code !== '' ? { parents: [chapter.code] } : {}),
      }
    if (name === 'diag') diagnoses.push('')
  }
  xml.ontext = (text) => {
    const [within, name] = stack.slice(-2)
    const current = diagnoses.at(-1)
    if (name === 'version' && stack.length === 2) version = text
    else if (name === 'desc' && within === 'chapter' && chapter) {
      const [, title, range] = /^(.*?)\s*\(([A-Z]\w\w-[A-Z]\w\w)\)$/s.exec(text) ?? []
      if (title !== undefined && range !== undefined) {
        Object.assign(chapter, { code: range, display: title })
        concepts.set(range, chapter)
      }
    } else if (name === 'desc' && within === 'section' && block) {
      block.display = text.replace(/\s*\([A-Z]\w\w(?:-[A-Z]\w\w)?\)$/, '')
      // A block of one category has the category's own code.
      if (!concepts.has(block.code)) concepts.set(block.code, block)
    } else if (name === 'name' && within === 'diag') {
      diagnoses[diagnoses.length - 1] = text
      const concept = concepts.get(text)
      if (concept && diagnoses.length === 1 && block && block.code !== text) concept.parents ??= [block.code]
    } else if (name === 'note' && within === 'inclusionTerm' && current !== undefined) {
      const concept = concepts.get(current)
      if (concept) (concept.designations ??= []).push({ language: 'en', use: 'synonym', value: text })
    }
  }
  xml.onclosetag = (name) => {
    stack.pop()
    if (name === 'diag') diagnoses.pop()
  }
  for await (const line of files.lines(path)) xml.write(`${line}\n`)
  xml.close()
  if (failed) throw refuse('files-unreadable', { faults: [{ path, message: 'is no well-formed XML' }], cause: failed })
  return version
}
