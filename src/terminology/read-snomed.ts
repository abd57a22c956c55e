import type { ConceptContent, MapContent, MapEntry, SystemContent } from './content.ts'
import { refuse } from './errors.ts'
import { findPath, needPath, type ReleaseFiles } from './files.ts'

export const snomedUrl = 'http://snomed.info/sct'
const isA = '116680003'
const fullySpecified = '900000000000003001'
const definitionType = '900000000000550004'
const preferred = '900000000000548007'
/** Language reference sets by which the display is chosen, the first that has one: United States, Great Britain. */
const english = ['900000000000509007', '900000000000508004']
/** Editions by the name in their files, and the module that their version is named after. */
const modules: Readonly<Record<string, string>> = {
  INT: '900000000000207008',
  US1000124: '731000124108',
  CA1000087: '20621000087109',
  GB1000000: '999000031000000106',
  AU1000036: '32506021000036107',
  NL1000146: '11000146104',
  BE1000172: '11000172109',
}

/** Maps that are published with the international edition, by reference set, and the code system they lead to. */
const mapTargets: Readonly<Record<string, { system: string; title: string }>> = {
  '447562003': { system: 'http://hl7.org/fhir/sid/icd-10', title: 'SNOMED CT to ICD-10' },
  '6011000124106': { system: 'http://hl7.org/fhir/sid/icd-10-cm', title: 'SNOMED CT to ICD-10-CM' },
  '446608001': { system: 'http://terminology.hl7.org/CodeSystem/icd-o-3', title: 'SNOMED CT to ICD-O' },
}

/**
 * SNOMED CT from an RF2 release, its Snapshot: concepts, descriptions in all languages, language reference sets, is-a as
 * hierarchy, other relationships as properties (without their groups), simple reference sets as the property `refset`,
 * simple and extended maps as concept maps.
 */
export async function readSnomed(files: ReleaseFiles, version: string | undefined): Promise<SystemContent> {
  const snapshot = (name: string) => new RegExp(`Snapshot.*/x?${name}[^/]*\\.txt$|^x?${name}[^/]*\\.txt$`)
  const path = needPath(files, snapshot('sct2_Concept_Snapshot_'), 'Snapshot/Terminology/sct2_Concept_Snapshot_….txt')
  const [, edition = '', date = ''] = /sct2_Concept_Snapshot_(\w+?)_(\d{8})/.exec(path) ?? []
  const named = version ?? (modules[edition] && `${snomedUrl}/${modules[edition]}/version/${date}`)
  if (named === undefined)
    throw refuse('version-needed', {
      faults: [{ path: 'version', message: `the module of edition ${edition} is not known` }],
    })
  const concepts = new Map<string, ConceptContent>()
  for await (const [code = '', , active, module = '', definition] of rows(files, path))
    concepts.set(code, {
      code,
      display: '',
      active: active === '1',
      properties: [
        { code: 'moduleId', value: module },
        { code: 'sufficientlyDefined', value: String(definition === '900000000000073002'), type: 'boolean' },
      ],
    })
  await addDescriptions(files, concepts, snapshot)
  await addRelationships(files, concepts, snapshot)
  const maps = await readRefsets(files, concepts, named)
  return {
    url: snomedUrl,
    version: named,
    title: `SNOMED CT ${edition} ${date}`.trim(),
    content: 'complete',
    order: 'rank',
    concepts: [...concepts.values()],
    maps,
  }
}

/** Rows of an RF2 file without its heading, split at tabs. */
async function* rows(files: ReleaseFiles, path: string): AsyncGenerator<string[]> {
  let number = 0
  let width = 0
  for await (const line of files.lines(path)) {
    number += 1
    const cells = line.split('\t')
    if (number === 1) width = cells.length
    else if (cells.length === width) yield cells
    else if (line !== '')
      throw refuse('files-unreadable', {
        faults: [{ path: `${path}:${number}`, message: 'has not as many columns as the heading' }],
      })
  }
}

type Snapshot = (name: string) => RegExp
const allPaths = (files: ReleaseFiles, pattern: RegExp) => files.paths.filter((path) => pattern.test(path))

async function addDescriptions(
  files: ReleaseFiles,
  concepts: Map<string, ConceptContent>,
  snapshot: Snapshot,
): Promise<void> {
  // Which descriptions are preferred, and in which of the English sets.
  const ranks = new Map<string, number>()
  for (const path of allPaths(files, snapshot('der2_cRefset_Language')))
    for await (const [, , active, , refset = '', description = '', acceptability] of rows(files, path)) {
      if (active !== '1' || acceptability !== preferred) continue
      const rank = english.includes(refset) ? english.indexOf(refset) : english.length
      ranks.set(description, Math.min(rank, ranks.get(description) ?? rank))
    }
  const best = new Map<string, number>()
  const texts = allPaths(files, snapshot('sct2_Description'))
  if (texts.length === 0)
    needPath(files, snapshot('sct2_Description'), 'Snapshot/Terminology/sct2_Description_Snapshot-en_….txt')
  for (const path of [...texts, ...allPaths(files, snapshot('sct2_TextDefinition'))])
    for await (const [id = '', , active, , of = '', language = 'en', type, term = ''] of rows(files, path)) {
      const concept = concepts.get(of)
      if (active !== '1' || !concept) continue
      if (type === definitionType) {
        if (language === 'en') concept.definition ??= term
        continue
      }
      const rank = ranks.get(id)
      const isFull = type === fullySpecified
      // The display: preferred synonym by the sets' order, else any synonym, else the fully specified name; in English.
      const grade = isFull ? 90 : (rank ?? 50)
      if (language === 'en' && grade < (best.get(of) ?? 100)) {
        best.set(of, grade)
        concept.display = term
      }
      const use = isFull ? 'fsn' : rank === undefined ? 'synonym' : 'preferred'
      ;(concept.designations ??= []).push({ language, use, value: term })
    }
  for (const concept of concepts.values()) {
    if (concept.display === '') concept.display = concept.designations?.[0]?.value ?? concept.code
    const { display } = concept
    if (concept.designations)
      concept.designations = concept.designations.filter(
        ({ language, value }) => language !== 'en' || value !== display,
      )
  }
}

async function addRelationships(
  files: ReleaseFiles,
  concepts: Map<string, ConceptContent>,
  snapshot: Snapshot,
): Promise<void> {
  const path = needPath(
    files,
    snapshot('sct2_Relationship_Snapshot_'),
    'Snapshot/Terminology/sct2_Relationship_Snapshot_….txt',
  )
  for await (const [, , active, , source = '', target = '', , type = ''] of rows(files, path)) {
    const concept = concepts.get(source)
    if (active !== '1' || !concept) continue
    if (type === isA) (concept.parents ??= []).push(target)
    else (concept.properties ??= []).push({ code: type, value: target })
  }
}

async function readRefsets(
  files: ReleaseFiles,
  concepts: Map<string, ConceptContent>,
  version: string,
): Promise<MapContent[]> {
  for (const path of allPaths(files, /der2_Refset_[^/]*Simple[^/]*Snapshot[^/]*\.txt$/))
    for await (const [, , active, , refset = '', of = ''] of rows(files, path)) {
      const concept = concepts.get(of)
      if (active === '1' && concept) (concept.properties ??= []).push({ code: 'refset', value: refset })
    }
  const maps = new Map<string, MapEntry[]>()
  const add = (refset: string, source: string, code: string, more: { equivalence: string; comment?: string }) => {
    const target = mapTargets[refset]?.system ?? `${snomedUrl}?fhir_refset_target=${refset}`
    const entries = maps.get(refset) ?? []
    maps.set(refset, entries)
    entries.push({ sourceSystem: snomedUrl, sourceCode: source, targetSystem: target, targetCode: code, ...more })
  }
  const simple = findPath(files, /der2_sRefset_SimpleMap[^/]*Snapshot[^/]*\.txt$/)
  if (simple !== undefined)
    for await (const [, , active, , refset = '', of = '', target = ''] of rows(files, simple))
      if (active === '1') add(refset, of, target, { equivalence: 'equivalent' })
  // The rule and the advice are for a person: the map is a proposal.
  for (const path of allPaths(
    files,
    /der2_iissscc?c?i?Refset_ExtendedMap[^/]*Snapshot[^/]*\.txt$|der2_iisssccRefset_[^/]*Snapshot[^/]*\.txt$/,
  ))
    for await (const [, , active, , refset = '', of = '', , , , advice = '', target = ''] of rows(files, path))
      if (active === '1')
        add(refset, of, target, {
          equivalence: target === '' ? 'unmatched' : 'relatedto',
          ...(advice === '' ? {} : { comment: advice }),
        })
  return [...maps].map(([refset, entries]) => ({
    url: `${snomedUrl}?fhir_cm=${refset}`,
    version,
    title: mapTargets[refset]?.title ?? `SNOMED CT map ${refset}`,
    source: `${snomedUrl}?fhir_vs`,
    entries,
  }))
}
