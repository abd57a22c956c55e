import type { Tx } from '../db/index.ts'
import { type Answer, bundleText } from './answer.ts'
import { beginning, end, readDate } from './date-range.ts'
import { refuse } from './errors.ts'
import compartments from './generated/compartments.json' with { type: 'json' }
import { type Sight, shown, sightings, sightOf } from './guard.ts'
import { patientsOf, readOne, type RecordDeps } from './interact.ts'
import type { OperationCall } from './operations.ts'
import { parametersOf, readCount } from './parameters.ts'
import { readStoredMany, type StoredVersion } from './read-resources.ts'
import { eachReference } from './references.ts'
import { isResourceType } from './structure.ts'

const members: Record<'Patient' | 'Encounter', Record<string, string>> = compartments

/** The search parameter that says when the care took place; a type that is not here has no such date and is always given. */
export const careDates: Readonly<Record<string, string>> = {
  AdverseEvent: 'date',
  AllergyIntolerance: 'date',
  Appointment: 'date',
  CarePlan: 'date',
  CareTeam: 'date',
  ChargeItem: 'occurrence',
  Claim: 'created',
  ClinicalImpression: 'date',
  Communication: 'sent',
  CommunicationRequest: 'authored',
  Composition: 'date',
  Condition: 'onset-date',
  Consent: 'date',
  DeviceRequest: 'event-date',
  DiagnosticReport: 'date',
  DocumentReference: 'date',
  Encounter: 'date',
  EpisodeOfCare: 'date',
  ExplanationOfBenefit: 'created',
  FamilyMemberHistory: 'date',
  Flag: 'date',
  Goal: 'start-date',
  ImagingStudy: 'started',
  Immunization: 'date',
  List: 'date',
  Media: 'created',
  MedicationAdministration: 'effective-time',
  MedicationDispense: 'whenhandedover',
  MedicationRequest: 'authoredon',
  MedicationStatement: 'effective',
  Observation: 'date',
  Procedure: 'date',
  QuestionnaireResponse: 'authored',
  RiskAssessment: 'date',
  ServiceRequest: 'authored',
  SupplyRequest: 'date',
  Task: 'authored-on',
}

interface Wanted {
  types: ReadonlySet<string> | undefined
  low: number
  high: number
  since: Date | undefined
  count: number
  after: { type: string; id: string } | undefined
}

const wrong = (path: string, message: string) => refuse('operation-invalid', { faults: [{ path, message }] })

function readWanted(query: URLSearchParams): Wanted {
  const date = (name: string) => {
    const text = query.get(name)
    const range = text === null ? undefined : readDate(text.replace(/ (\d{2}:\d{2})$/, '+$1'))
    if (text !== null && !range) throw wrong(name, 'is not a date')
    return range
  }
  const types = query.getAll('_type').flatMap((text) => text.split(','))
  for (const type of types) if (!isResourceType(type)) throw wrong('_type', 'names no resource type')
  const since = date('_since')
  const cursor = query.get('_cursor')
  let after: unknown
  try {
    after = cursor === null ? undefined : JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    after = null
  }
  const [type, id] = Array.isArray(after) ? (after as unknown[]) : []
  const well = typeof type === 'string' && typeof id === 'string' && !`${type}${id}`.includes('\0')
  if (after !== undefined && !well)
    throw refuse('search-cursor-invalid', { faults: [{ path: '_cursor', message: 'does not belong here' }] })
  return {
    types: types.length > 0 ? new Set(types) : undefined,
    low: date('start')?.low ?? beginning,
    high: date('end')?.high ?? end,
    since: since && new Date(since.low),
    count: Math.max(1, readCount(query, '_count', 200, 1000)),
    after: well ? { type, id } : undefined,
  }
}

/** A page of what is in the compartment, in order of type and id. */
async function readPage(tx: Tx, of: 'Patient' | 'Encounter', id: string, wanted: Wanted): Promise<StoredVersion[]> {
  const { types, low, high, since, count, after } = wanted
  const pairs = Object.entries(members[of]).flatMap(([type, params]) =>
    types && !types.has(type) ? [] : params.split(' ').map((param) => ({ type, param })),
  )
  const dated = Object.entries(careDates)
  return tx.query<StoredVersion>({
    name: 'fhir-everything',
    text: `
      with member as (
        select distinct t.type, t.id from unnest($2::text[], $3::text[]) as v (type, param)
        join fhir_reference t on t.tenant_id = $1 and t.type = v.type and t.param = v.param and t.target_id = $4 and t.target_type = $5
        union select $5, $4 where $6)
      select r.type, r.id, r.version, r.updated, r.content
      from member m join fhir_resource r on r.tenant_id = $1 and r.type = m.type and r.id = m.id
      left join unnest($7::text[], $8::text[]) as d (type, param) on d.type = r.type
      where r.content is not null and (r.type, r.id) > ($9, $10) and ($11::timestamptz is null or r.updated >= $11)
        and (not $12 or d.param is null
          or exists (select from fhir_date t where t.tenant_id = $1 and t.type = r.type and t.param = d.param and t.id = r.id and t.low < $14 and t.high > $13)
          or not exists (select from fhir_date t where t.tenant_id = $1 and t.type = r.type and t.param = d.param and t.id = r.id))
      order by r.type, r.id limit $15`,
    values: [
      tx.tenant,
      pairs.map(({ type }) => type),
      pairs.map(({ param }) => param),
      id,
      of,
      !types || types.has(of),
      dated.map(([type]) => type),
      dated.map(([, param]) => param),
      after?.type ?? '',
      after?.id ?? '',
      since ?? null,
      low > beginning || high < end,
      low,
      high,
      count + 1,
    ],
  })
}

/** What a page refers to outside of every patient's compartment: practitioners, organizations, places, medications. */
async function readAround(tx: Tx, page: readonly StoredVersion[], types: Wanted['types']): Promise<StoredVersion[]> {
  const there = new Set(page.map(({ type, id }) => `${type}/${id}`))
  const around = new Set<string>()
  for (const { content } of page)
    eachReference(JSON.parse(content ?? 'null'), (reference) => {
      const [, type = '', id] = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})/.exec(reference) ?? []
      // What belongs to a patient comes by belonging to this one, or not at all.
      if (id === undefined || !isResourceType(type) || type in members.Patient || type === 'Patient') return
      if (!there.has(`${type}/${id}`) && (!types || types.has(type))) around.add(`${type}/${id}`)
    })
  return readStoredMany(tx, [...around])
}

/** Those of the rows that the caller may see. */
async function visibleOf(tx: Tx, sight: Sight | undefined, rows: readonly StoredVersion[]): Promise<StoredVersion[]> {
  if (!sight) return [...rows]
  const seen = await sightings(tx, sight, 'read', new Set(rows.map(({ type, id }) => `${type}/${id}`)))
  return rows.filter(({ type, id }) => seen.get(`${type}/${id}`) === true)
}

/** A page of what the caller may see; reading goes on until it is full or nothing is left. One row over tells of more. */
async function readVisible(
  tx: Tx,
  sight: Sight | undefined,
  of: 'Patient' | 'Encounter',
  id: string,
  wanted: Wanted,
): Promise<{ rows: StoredVersion[]; more: boolean }> {
  const rows: StoredVersion[] = []
  for (let { after } = wanted; ; ) {
    const read = await readPage(tx, of, id, { ...wanted, after })
    rows.push(...(await visibleOf(tx, sight, read)))
    const last = read.at(-1)
    if (!last || read.length <= wanted.count || rows.length > wanted.count)
      return { rows, more: rows.length > wanted.count }
    after = { type: last.type, id: last.id }
  }
}

/**
 * `Patient/[id]/$everything` and the same of an Encounter (FHIR R4): the resource, its compartment, and what these refer to.
 * `start` and `end` go by the date of care, `_since` by the last change; pages by `_count`. What is referred to comes with
 * each page that refers to it, so it may come more than once over the pages.
 */
export async function everything(deps: RecordDeps, tx: Tx, call: OperationCall): Promise<Answer> {
  const { context, base, id = '' } = call
  const of = call.type === 'Encounter' ? 'Encounter' : 'Patient'
  const query = parametersOf(call.query, call.body)
  const wanted = readWanted(query)
  // Refuses what is not there or deleted, and whoever may not see it.
  await readOne(deps, tx, context, of, id)
  const sight = await sightOf(deps, tx, context)
  const { rows, more } = await readVisible(tx, sight, of, id, wanted)
  const page = rows.slice(0, wanted.count)
  const around = await visibleOf(tx, sight, await readAround(tx, page, wanted.types))
  const all = [...page, ...around]
  const used = new URLSearchParams([...query].filter(([name]) => name !== '_cursor' && name !== '_format'))
  const place = `${base}/${of}/${id}/$everything`
  const links: [string, string][] = [['self', used.size > 0 ? `${place}?${used}` : place]]
  const last = page.at(-1)
  if (more && last) {
    used.set('_cursor', Buffer.from(JSON.stringify([last.type, last.id])).toString('base64url'))
    links.push(['next', `${place}?${used}`])
  }
  await deps.audit(tx, context, {
    action: 'E',
    interaction: 'everything',
    entities: all.map((one) => `${one.type}/${one.id}`),
    ...patientsOf(all.flatMap(({ content }) => content ?? [])),
  })
  const entries = all.map(
    (one, index) =>
      `{"fullUrl":${JSON.stringify(`${base}/${one.type}/${one.id}`)},"resource":${shown(sight, one.type, one.content ?? 'null')},"search":{"mode":"${index < page.length ? 'match' : 'include'}"}}`,
  )
  // The total counts what matches; it is known without asking again only when all came at once.
  const total = more || wanted.after ? undefined : page.length
  return { status: 200, content: bundleText('searchset', { total, links, entries }) }
}
