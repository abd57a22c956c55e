import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Practitioner, PractitionerRole } from '@medplum/fhirtypes'
import type { Tx } from '../../../db/index.ts'
import { findFaults, type FhirRecord, type LineFault, type PlannedFile, plannedLine } from '../../../fhir/index.ts'
import type { HouseOntology } from '../../ontology/house-ontology.ts'
import { placeOf } from '../../ontology/place-of.ts'
import { qualificationUrl, staffWords } from '../read-practitioner.ts'

const most = 10_000
type Staff = (Practitioner | PractitionerRole) & { id: string }

interface Entry {
  line: number
  resource: unknown
  fullUrl: string | undefined
  method: string | undefined
}

/**
 * What people in FHIR would change: a Bundle (transaction, batch or collection) or NDJSON of Practitioner (qualifications with
 * Plan-Net's licence extension) and PractitionerRole (availableTime, notAvailable). A resource without an id becomes the
 * Practitioner that has one of its identifiers, or a new one whose id follows from its identifier or `fullUrl`, so that the
 * same file means the same people again. References among entries go by `fullUrl`. Reads only.
 */
export async function readFhirFile(
  tx: Tx,
  { record, ontology }: { record: FhirRecord; ontology: HouseOntology },
  text: string,
): Promise<PlannedFile> {
  const faults: LineFault[] = []
  const entries = entriesOf(text, faults)
  if (faults.length > 0) return { lines: [], writes: [], faults }
  const byIdentifier = await peopleByIdentifier(tx, record, entries)
  const ids = new Map<string, string>()
  const asked: { line: number; resource: Staff }[] = []
  for (const entry of entries) {
    const fault = (column: string | undefined, code: string, message: string) =>
      faults.push({ line: entry.line, column, code, message })
    if (!isStaff(entry.resource)) {
      fault('resourceType', 'other-type', 'is a Practitioner or a PractitionerRole')
      continue
    }
    if (entry.method !== undefined && !['PUT', 'POST'].includes(entry.method)) {
      fault('request.method', 'not-supported', 'PUT or POST: people are not deleted by an import')
      continue
    }
    const { resource } = entry
    const found = new Set(identifiersOf(resource).flatMap((one) => byIdentifier.get(one) ?? []))
    if (resource.id === undefined && found.size > 1)
      fault('identifier', 'twice', `is of several: ${[...found].join(', ')}`)
    const id = resource.id ?? [...found][0] ?? idFrom(resource, entry.fullUrl)
    if (id === undefined) {
      fault('id', 'required', 'has an id, an identifier or a fullUrl')
      continue
    }
    if (entry.fullUrl !== undefined) ids.set(entry.fullUrl, `${resource.resourceType}/${id}`)
    asked.push({ line: entry.line, resource: { ...resource, id } })
  }
  const linked = asked.map((one) => ({ ...one, resource: withReferences(one.resource, ids) }))
  const inFile = new Set(linked.map(({ resource }) => `${resource.resourceType}/${resource.id}`))
  const references = linked.flatMap(({ resource }) =>
    resource.resourceType === 'PractitionerRole' ? referencesOf(resource) : [],
  )
  const known = await record.readMany(tx, [...new Set([...inFile, ...references.map(({ reference }) => reference)])])
  const seen = new Map<string, number>()
  const planned: PlannedFile = { lines: [], writes: [], faults }
  for (const [n, { line, resource }] of linked.entries()) {
    // Checking a resource takes long enough that others must have their turn.
    if (n % 100 === 0) await setImmediate()
    const reference = `${resource.resourceType}/${resource.id}`
    const former = seen.get(reference)
    seen.set(reference, line)
    if (former !== undefined)
      faults.push({ line, column: 'id', code: 'twice', message: `${reference} stands in ${former} already` })
    const { meta: _meta, ...plain } = resource
    for (const { path, code, message } of findFaults(plain))
      faults.push({ line, column: path, code: code ?? 'invalid', message })
    faults.push(...ontologyFaults(ontology, line, resource))
    if (resource.resourceType === 'PractitionerRole')
      for (const one of referencesOf(resource))
        if (!inFile.has(one.reference) && !known.has(one.reference))
          faults.push({ line, column: one.path, code: 'unknown-reference', message: `there is no ${one.reference}` })
    const before = known.get(reference)
    const told = plannedLine(line, aboutOf(resource), {
      columns: elementsOf(before, plain),
      before: before && textsOf(before),
      after: textsOf(plain),
    })
    planned.lines.push(told)
    const version = before?.meta?.versionId
    if (told.act !== 'same')
      planned.writes.push({ ...plain, ...(version === undefined ? {} : { meta: { versionId: version } }) })
  }
  return planned
}

/** The resources of a Bundle or of lines of NDJSON. */
function entriesOf(text: string, faults: LineFault[]): Entry[] {
  const whole = parsed(text)
  const entries: Entry[] = []
  if (isObject(whole) && whole['resourceType'] === 'Bundle') {
    const list = Array.isArray(whole['entry']) ? whole['entry'] : []
    for (const [index, one] of list.entries()) {
      const entry = isObject(one) ? one : {}
      const { fullUrl, request } = entry
      entries.push({
        line: index + 1,
        resource: entry['resource'],
        fullUrl: typeof fullUrl === 'string' ? fullUrl : undefined,
        method: isObject(request) && typeof request['method'] === 'string' ? request['method'] : undefined,
      })
    }
  } else if (isObject(whole)) entries.push({ line: 1, resource: whole, fullUrl: undefined, method: undefined })
  else
    for (const [index, line] of text.split('\n').entries()) {
      if (line.trim() === '') continue
      const resource = parsed(line)
      if (resource === undefined)
        faults.push({ line: index + 1, column: undefined, code: 'json', message: 'is no JSON' })
      entries.push({ line: index + 1, resource, fullUrl: undefined, method: undefined })
    }
  if (entries.length === 0)
    faults.push({ line: 1, column: undefined, code: 'required', message: 'there are no resources' })
  if (entries.length > most)
    faults.push({ line: most + 1, column: undefined, code: 'too-many', message: `${most} resources are the most` })
  return entries
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isStaff = (value: unknown): value is Practitioner | PractitionerRole =>
  isObject(value) &&
  (value['resourceType'] === 'Practitioner' || value['resourceType'] === 'PractitionerRole') &&
  (value['id'] === undefined || typeof value['id'] === 'string')

/** `system|value`, of what is well formed. */
const identifiersOf = ({ identifier }: Practitioner | PractitionerRole): string[] =>
  (Array.isArray(identifier) ? identifier : []).flatMap((one) =>
    typeof one?.system === 'string' && typeof one.value === 'string' ? [`${one.system}|${one.value}`] : [],
  )

/** Which Practitioners have one of the identifiers of those that come without an id. */
async function peopleByIdentifier(
  tx: Tx,
  record: FhirRecord,
  entries: readonly Entry[],
): Promise<Map<string, string[]>> {
  const wanted = [
    ...new Set(
      entries.flatMap(({ resource }) =>
        isStaff(resource) && resource.resourceType === 'Practitioner' && resource.id === undefined
          ? identifiersOf(resource)
          : [],
      ),
    ),
  ]
  const found = new Map<string, string[]>()
  for (let n = 0; n < wanted.length; n += 100) {
    const values = wanted.slice(n, n + 100).map((one) => one.replace(/[\\,$]/g, '\\$&'))
    const query = new URLSearchParams({ identifier: values.join(','), _count: '500' })
    const { resources } = await record.search(tx, 'Practitioner', query)
    for (const one of resources)
      if (one.resourceType === 'Practitioner' && one.id !== undefined)
        for (const key of identifiersOf(one)) found.set(key, [...(found.get(key) ?? []), one.id])
  }
  return found
}

function idFrom(resource: Practitioner | PractitionerRole, fullUrl: string | undefined): string | undefined {
  const key = identifiersOf(resource)[0] ?? fullUrl
  return key && createHash('sha256').update(`${resource.resourceType} ${key}`).digest('hex').slice(0, 32)
}

/** The resource with references to entries (`urn:uuid:…`) as references to what these become. */
function withReferences(resource: Staff, ids: ReadonlyMap<string, string>): Staff {
  if (resource.resourceType !== 'PractitionerRole') return resource
  const reference = resource.practitioner?.reference
  const to = reference === undefined ? undefined : ids.get(reference)
  return to === undefined ? resource : { ...resource, practitioner: { ...resource.practitioner, reference: to } }
}

function referencesOf({ practitioner, location = [] }: PractitionerRole): { path: string; reference: string }[] {
  const one = (path: string, reference: unknown) => (typeof reference === 'string' ? [{ path, reference }] : [])
  return [
    ...one('PractitionerRole.practitioner', practitioner?.reference),
    ...(Array.isArray(location) ? location : []).flatMap((place, n) =>
      one(`PractitionerRole.location[${n}]`, place?.reference),
    ),
  ]
}

/** Words of this house that are not there: routing would pass over them without a sound. */
function ontologyFaults(ontology: HouseOntology, line: number, resource: Staff): LineFault[] {
  if (resource.resourceType !== 'Practitioner' || !Array.isArray(resource.qualification)) return []
  return resource.qualification.flatMap((one, n): LineFault[] => {
    const at = `Practitioner.qualification[${n}]`
    const coding = one?.code?.coding?.find(({ system }) => system === staffWords.credential)
    const faults: LineFault[] = []
    if (coding && !ontology.credentials.some(({ id }) => id === coding.code))
      faults.push({
        line,
        column: `${at}.code`,
        code: 'unknown-credential',
        message: `there is no credential ${coding.code}`,
      })
    const told = one?.extension?.find(({ url }) => url === qualificationUrl)?.extension ?? []
    for (const part of told) {
      const codes = part.url === 'whereValid' ? (part.valueCodeableConcept?.coding ?? []) : []
      if (codes.length > 0 && !codes.some(({ code }) => placeOf(ontology, code) !== undefined))
        faults.push({
          line,
          column: `${at}.extension`,
          code: 'unknown-place',
          message: `there is no place ${codes[0]?.code}`,
        })
    }
    return faults
  })
}

function aboutOf(resource: Staff): string {
  if (resource.resourceType === 'PractitionerRole')
    return resource.practitioner?.display ?? `${resource.practitioner?.reference ?? ''} · PractitionerRole`
  const name = Array.isArray(resource.name) ? resource.name[0] : undefined
  const text = name?.text ?? [name?.given?.join(' '), name?.family].filter(Boolean).join(' ')
  return text === '' ? `Practitioner/${resource.id}` : text
}

const ignored = ['resourceType', 'id', 'meta']
const elementsOf = (...resources: (object | undefined)[]): string[] =>
  [...new Set(resources.flatMap((one) => Object.keys(one ?? {})))].filter((element) => !ignored.includes(element))

/** Elements as JSON. */
const textsOf = (resource: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(resource).map(([element, value]) => [
      element,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
