import type { ConceptContent, SystemContent } from './content.ts'
import { refuse } from './errors.ts'
import { findPath, needPath, type ReleaseFiles } from './files.ts'

/** Term types that name a concept, as against those that name it another way. */
const naming = new Set(
  'IN PIN MIN SCD SCDC SCDF SCDFP SCDG SCDGP SBD SBDC SBDF SBDFP SBDG BPCK GPCK BN DF DFG'.split(' '),
)

/**
 * RxNorm from the RRF files of the National Library of Medicine: the concepts of RxNorm itself (RXNCONSO, SAB RXNORM),
 * their relations (RXNREL) as properties, `isa` as hierarchy, semantic types (RXNSTY) where they are there.
 */
export async function readRxnorm(files: ReleaseFiles, version: string | undefined): Promise<SystemContent> {
  const names = needPath(files, /(^|\/)RXNCONSO\.RRF$/i, 'rrf/RXNCONSO.RRF')
  const concepts = new Map<string, ConceptContent>()
  let number = 0
  for await (const line of files.lines(names)) {
    number += 1
    const [code = '', language, , , , , , , , , , sab, type = '', , text = '', , suppress] = line.split('|')
    if (suppress === undefined)
      throw refuse('files-unreadable', { faults: [{ path: `${names}:${number}`, message: 'is no row of RXNCONSO' }] })
    if (sab !== 'RXNORM' || language !== 'ENG') continue
    const concept = concepts.get(code) ?? { code, display: '', active: false }
    concepts.set(code, concept)
    const live = suppress === 'N' || suppress === ''
    concept.active = concept.active === true || live
    if (naming.has(type) && (concept.display === '' || live)) {
      if (concept.display !== '') (concept.designations ??= []).push({ language: 'en', value: concept.display })
      concept.display = text
      concept.properties = [
        ...(concept.properties ?? []).filter(({ code: one }) => one !== 'TTY'),
        { code: 'TTY', value: type },
      ]
    } else (concept.designations ??= []).push({ language: 'en', use: 'synonym', value: text })
  }
  for (const concept of concepts.values())
    if (concept.display === '') concept.display = concept.designations?.shift()?.value ?? concept.code
  await addRelations(files, concepts)
  const types = findPath(files, /(^|\/)RXNSTY\.RRF$/i)
  if (types !== undefined)
    for await (const line of files.lines(types)) {
      const [code = '', , , type = ''] = line.split('|')
      const concept = concepts.get(code)
      if (concept) (concept.properties ??= []).push({ code: 'STY', value: type, type: 'string' })
    }
  const named = version ?? (await tellVersion(files))
  if (named === undefined)
    throw refuse('version-needed', { faults: [{ path: 'version', message: 'is not in any name' }] })
  return {
    url: 'http://www.nlm.nih.gov/research/umls/rxnorm',
    version: named,
    title: `RxNorm ${named}`,
    content: 'complete',
    order: 'rank',
    concepts: [...concepts.values()],
  }
}

/** In RXNREL the second concept has the relation to the first: RXCUI2 `has_ingredient` RXCUI1. */
async function addRelations(files: ReleaseFiles, concepts: Map<string, ConceptContent>): Promise<void> {
  const path = findPath(files, /(^|\/)RXNREL\.RRF$/i)
  if (path === undefined) return
  for await (const line of files.lines(path)) {
    const [target = '', , , , source = '', , , relation = '', , , sab] = line.split('|')
    const concept = concepts.get(source)
    if (sab !== 'RXNORM' || relation === '' || !concept || !concepts.has(target)) continue
    if (relation === 'isa') (concept.parents ??= []).push(target)
    else if (relation !== 'inverse_isa') (concept.properties ??= []).push({ code: relation, value: target })
  }
}

/** As RxNorm's FHIR users name it: MMDDYYYY of the release, from the names; else the source version in RXNSAB. */
async function tellVersion(files: ReleaseFiles): Promise<string | undefined> {
  const dated = [files.name, ...files.paths]
    .map((path) => /(?:full|weekly|prescribe)_(\d{8})/i.exec(path)?.[1])
    .find(Boolean)
  const sources = findPath(files, /(^|\/)RXNSAB\.RRF$/i)
  if (dated !== undefined || sources === undefined) return dated
  for await (const line of files.lines(sources)) {
    const cells = line.split('|')
    if (cells[3] === 'RXNORM' && cells[6]) return cells[6]
  }
  return undefined
}
