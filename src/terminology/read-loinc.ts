import type { ValueSet } from '@medplum/fhirtypes'
import type { ConceptContent, Designation, PropertyValue, SystemContent } from './content.ts'
import { refuse } from './errors.ts'
import { findPath, needPath, type ReleaseFiles } from './files.ts'
import { readCsv } from './split-csv.ts'

export const loincUrl = 'http://loinc.org'

/** Columns of Loinc.csv that are properties of the FHIR code system (https://terminology.hl7.org/LOINC.html). */
const columns = [
  'COMPONENT',
  'PROPERTY',
  'TIME_ASPCT',
  'SYSTEM',
  'SCALE_TYP',
  'METHOD_TYP',
  'CLASS',
  'CLASSTYPE',
  'STATUS',
  'ORDER_OBS',
  'EXAMPLE_UCUM_UNITS',
  'VersionFirstReleased',
] as const

/**
 * LOINC from Regenstrief's release: Loinc.csv, and when they are there the hierarchy of components, the answer lists and
 * the linguistic variants in French.
 */
export async function readLoinc(files: ReleaseFiles, version: string | undefined): Promise<SystemContent> {
  const table = needPath(files, /(^|\/)Loinc\.csv$/i, 'LoincTable/Loinc.csv')
  const named =
    version ?? [files.name, ...files.paths].map((path) => /Loinc[-_ ]?(\d+\.\d+)/i.exec(path)?.[1]).find(Boolean)
  if (named === undefined)
    throw refuse('version-needed', { faults: [{ path: 'version', message: 'is not in any name' }] })
  const concepts = new Map<string, ConceptContent>()
  for await (const row of readCsv(files.lines(table))) {
    const concept = conceptOf(row)
    if (!concept)
      throw refuse('files-unreadable', { faults: [{ path: table, message: 'has no LOINC_NUM or no name' }] })
    concepts.set(concept.code, concept)
  }
  await addHierarchy(files, concepts)
  const valueSets = await addAnswers(files, concepts, named)
  await addVariants(files, concepts)
  return {
    url: loincUrl,
    version: named,
    title: `LOINC ${named}`,
    content: 'complete',
    order: 'rank',
    concepts: [...concepts.values()],
    valueSets,
  }
}

function conceptOf(row: Record<string, string>): ConceptContent | undefined {
  const code = row['LOINC_NUM']
  const display = row['LONG_COMMON_NAME'] || row['SHORTNAME']
  if (!code || !display) return undefined
  const designations: Designation[] = []
  for (const [column, use] of [
    ['SHORTNAME', 'short'],
    ['DisplayName', 'synonym'],
    ['CONSUMER_NAME', 'consumer'],
    ['SURVEY_QUEST_TEXT', 'synonym'],
  ] as const)
    if (row[column] && row[column] !== display) designations.push({ language: 'en', use, value: row[column] })
  for (const name of (row['RELATEDNAMES2'] ?? '').split(';').map((part) => part.trim()))
    if (name !== '') designations.push({ language: 'en', use: 'related', value: name })
  const properties: PropertyValue[] = columns.flatMap((column) =>
    row[column] ? [{ code: column, value: row[column], type: 'string' as const }] : [],
  )
  return {
    code,
    display,
    active: row['STATUS'] !== 'DEPRECATED',
    designations,
    properties,
    ...(row['DefinitionDescription'] ? { definition: row['DefinitionDescription'] } : {}),
  }
}

async function addHierarchy(files: ReleaseFiles, concepts: Map<string, ConceptContent>): Promise<void> {
  const path = findPath(files, /ComponentHierarchyBySystem\.csv$/i)
  if (path === undefined) return
  for await (const row of readCsv(files.lines(path))) {
    const code = row['CODE'] ?? ''
    const above = row['IMMEDIATE_PARENT'] ?? ''
    if (code === '') continue
    const concept = concepts.get(code) ?? { code, display: row['CODE_TEXT'] || code, abstract: true }
    concepts.set(code, concept)
    if (above !== '' && !concept.parents?.includes(above)) (concept.parents ??= []).push(above)
  }
}

/** Answers become concepts, lists the value sets `http://loinc.org/vs/LL…`, links the property `answer-list`. */
async function addAnswers(
  files: ReleaseFiles,
  concepts: Map<string, ConceptContent>,
  version: string,
): Promise<ValueSet[]> {
  const path = findPath(files, /(^|\/)AnswerList\.csv$/i)
  if (path === undefined) return []
  const lists = new Map<string, { title: string; answers: { code: string; display: string; at: number }[] }>()
  for await (const row of readCsv(files.lines(path))) {
    const list = row['AnswerListId'] ?? ''
    const code = row['AnswerStringId'] ?? ''
    const display = row['DisplayText'] ?? ''
    const known = lists.get(list) ?? { title: row['AnswerListName'] ?? list, answers: [] }
    lists.set(list, known)
    // A list that somebody else keeps has no answers here.
    if (code === '' || display === '') continue
    known.answers.push({ code, display, at: Number(row['SequenceNumber'] ?? 0) })
    if (!concepts.has(code))
      concepts.set(code, { code, display, properties: [{ code: 'CLASSTYPE', value: 'answer', type: 'string' }] })
  }
  const links = findPath(files, /LoincAnswerListLink\.csv$/i)
  if (links !== undefined)
    for await (const row of readCsv(files.lines(links))) {
      const concept = concepts.get(row['LoincNumber'] ?? '')
      if (concept) (concept.properties ??= []).push({ code: 'answer-list', value: row['AnswerListId'] ?? '' })
    }
  return [...lists].map(([id, { title, answers }]) => ({
    resourceType: 'ValueSet',
    url: `${loincUrl}/vs/${id}`,
    version,
    status: 'active',
    title,
    compose: {
      include: [
        {
          system: loincUrl,
          concept: answers.toSorted((a, b) => a.at - b.at).map(({ code, display }) => ({ code, display })),
        },
      ],
    },
  }))
}

/** Names in French, of Canada first. */
async function addVariants(files: ReleaseFiles, concepts: Map<string, ConceptContent>): Promise<void> {
  const path =
    findPath(files, /frCA\d*LinguisticVariant\.csv$/i) ?? findPath(files, /fr[A-Z]{2}\d*LinguisticVariant\.csv$/i)
  if (path === undefined) return
  const language = `fr-${/fr([A-Z]{2})/.exec(path)?.[1] ?? 'CA'}`
  for await (const row of readCsv(files.lines(path))) {
    const concept = concepts.get(row['LOINC_NUM'] ?? '')
    const value = row['LONG_COMMON_NAME'] || row['LinguisticVariantDisplayName'] || row['COMPONENT']
    if (concept && value) (concept.designations ??= []).push({ language, use: 'preferred', value })
  }
}
