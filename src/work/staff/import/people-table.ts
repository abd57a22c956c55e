import { setImmediate } from 'node:timers/promises'
import type { Extension, Practitioner, PractitionerRole } from '@medplum/fhirtypes'
import type { Tx } from '../../../db/index.ts'
import { type FhirRecord, type LineFault, type PlannedFile, plannedLine } from '../../../fhir/index.ts'
import { csvHead, type CsvRow, readCsv } from '../../../kernel/index.ts'
import type { HouseOntology } from '../../ontology/house-ontology.ts'
import { qualificationUrl, staffWords } from '../read-practitioner.ts'
import { isDate, isId, wordsIn } from './table-words.ts'
import { readWeeklyHours, writeWeeklyHours } from './weekly-hours.ts'

const own = ['family', 'given', 'prefix', 'email', 'phone', 'npi', 'languages', 'credentials', 'active'] as const
const post = ['skills', 'sites', 'capacity', 'hours', 'from', 'until'] as const
export const peopleColumns = { needed: ['practitioner'], optional: [...own, ...post] } as const
type Column = 'practitioner' | (typeof own)[number] | (typeof post)[number]
type Row = Record<Column, string>

const npiSystem = 'http://hl7.org/fhir/sid/us-npi'
const credentialOf = (one: NonNullable<Practitioner['qualification']>[number]) =>
  one.extension?.some(({ url }) => url === qualificationUrl) === true
    ? undefined
    : one.code.coding?.find(({ system }) => system === staffWords.credential)?.code

/**
 * What a table of people would change. Columns: practitioner (id); family, given, prefix, email, phone, npi, languages (two
 * letters), credentials (those that need no licence), active (`yes`, `no`); and of their one PractitionerRole skills, sites (ids of
 * Locations where they are privileged), capacity (percent of their time at work that is for tasks), hours
 * (`mon-thu 08:00-16:00; fri 08:00-12:00`), from and until (dates, the last day included). Words stand with spaces between.
 * A column that the table does not have stays as it is in the record; an empty field empties it. Reads only. Throws
 * `csv-invalid` for a text that is no such table.
 */
export async function readPeopleTable(
  tx: Tx,
  { record, ontology }: { record: FhirRecord; ontology: HouseOntology },
  csv: string,
): Promise<PlannedFile> {
  const rows = readCsv<Column>(csv, peopleColumns)
  const head = csvHead(csv)
  const asked = [...own, ...post].filter((column) => head.includes(column))
  const { people, posts } = await peopleNow(tx, record, rows.map(({ values }) => values.practitioner).filter(isId))
  const sites = await record.readMany(tx, [
    ...new Set(
      rows.flatMap(({ values }) =>
        wordsIn(values.sites)
          .filter(isId)
          .map((id) => `Location/${id}`),
      ),
    ),
  ])
  const planned: PlannedFile = { lines: [], writes: [], faults: [] }
  const seen = new Map<string, number>()
  for (const [n, row] of rows.entries()) {
    if (n % 500 === 0) await setImmediate()
    const { line, values } = row
    const id = values.practitioner
    const person = people.get(id)
    const held = posts.get(id) ?? []
    const faults = faultsOf(ontology, row, { person, held: held.length, asked, sites })
    const former = seen.get(id)
    if (former !== undefined)
      faults.push({ line, column: 'practitioner', code: 'twice', message: `${id} stands in row ${former} already` })
    seen.set(id, line)
    planned.faults.push(...faults)
    if (faults.length > 0) continue
    const before = person ? rowOf(person, held[0]) : undefined
    const after = normal({
      ...(before ?? empty),
      ...Object.fromEntries(asked.map((column) => [column, values[column]])),
    })
    const told = plannedLine(line, nameOf(after) || id, { columns: asked, before, after })
    planned.lines.push(told)
    const differs = (columns: readonly Column[]) =>
      columns.some((column) => (before ?? empty)[column] !== after[column])
    if (!person || differs(own)) planned.writes.push(personOf(id, person, after, asked))
    if (differs(post)) planned.writes.push(postOf(id, held[0], after, asked))
  }
  return planned
}

/** Everybody of these ids as the record has them, with the PractitionerRoles that they hold. */
async function peopleNow(tx: Tx, record: FhirRecord, ids: readonly string[]) {
  const found = await record.readMany(
    tx,
    ids.map((id) => `Practitioner/${id}`),
  )
  const rows = await tx.query<{ id: string }>({
    name: 'posts-of-people',
    text: 'select id from staff_post where tenant_id = $1 and practitioner = any ($2) order by id',
    values: [tx.tenant, ids],
  })
  const roles = await record.readMany(
    tx,
    rows.map(({ id }) => `PractitionerRole/${id}`),
  )
  const posts = new Map<string, (PractitionerRole & { id: string })[]>()
  for (const role of roles.values()) {
    if (role.resourceType !== 'PractitionerRole' || role.id === undefined) continue
    const id = role.practitioner?.reference?.replace('Practitioner/', '') ?? ''
    posts.set(id, [...(posts.get(id) ?? []), { ...role, id: role.id }])
  }
  const people = new Map(
    [...found.values()].flatMap((one) =>
      one.resourceType === 'Practitioner' && one.id !== undefined ? [[one.id, { ...one, id: one.id }] as const] : [],
    ),
  )
  return { people, posts }
}

/** Everybody of these ids as a table that `readPeopleTable` reads: what an import starts from. */
export async function peopleTable(tx: Tx, record: FhirRecord, ids: readonly string[]): Promise<Row[]> {
  const { people, posts } = await peopleNow(tx, record, ids)
  return [...people.values()].map((person) => rowOf(person, posts.get(person.id)?.[0]))
}

const empty: Row = Object.fromEntries(
  ['practitioner', ...own, ...post].map((column) => [column, column === 'active' ? 'yes' : '']),
) as Row

const nameOf = ({ prefix, given, family }: Row): string => [prefix, given, family].filter((one) => one !== '').join(' ')

/** The same said in one way: words in order, hours as this program writes them. */
const normal = (row: Row): Row => ({
  ...row,
  languages: wordsIn(row.languages.toLowerCase()).join(' '),
  credentials: wordsIn(row.credentials).join(' '),
  skills: wordsIn(row.skills).join(' '),
  sites: wordsIn(row.sites).join(' '),
  hours: writeWeeklyHours(readWeeklyHours(row.hours) ?? []),
  active: row.active === 'no' ? 'no' : 'yes',
  capacity: row.capacity === '' ? '' : String(Number(row.capacity.replace(/ ?%$/, ''))),
})

function rowOf(person: Practitioner & { id: string }, role: PractitionerRole | undefined): Row {
  const name = officialOf(person)
  const telecom = (wanted: string) => person.telecom?.find(({ system }) => system === wanted)?.value ?? ''
  // A name that is only text is kept as the family name, so that a table can hold it.
  const parts = name?.family === undefined && name?.given === undefined
  return normal({
    practitioner: person.id,
    family: parts ? (name?.text ?? '') : (name?.family ?? ''),
    given: name?.given?.join(' ') ?? '',
    prefix: name?.prefix?.join(' ') ?? '',
    email: telecom('email'),
    phone: telecom('phone'),
    npi: person.identifier?.find(({ system }) => system === npiSystem)?.value ?? '',
    languages: (person.communication ?? []).flatMap(({ coding }) => coding?.[0]?.code ?? []).join(' '),
    credentials: (person.qualification ?? []).flatMap((one) => credentialOf(one) ?? []).join(' '),
    active: person.active === false ? 'no' : 'yes',
    skills: skillsOf(role).join(' '),
    sites: (role?.location ?? []).flatMap(({ reference }) => reference?.replace('Location/', '') ?? []).join(' '),
    capacity: String(role?.extension?.find(({ url }) => url === staffWords.capacity)?.valueInteger ?? ''),
    hours: writeWeeklyHours(role?.availableTime ?? []),
    from: role?.period?.start ?? '',
    until: role?.period?.end ?? '',
  })
}

const officialOf = ({ name }: Practitioner) => name?.find(({ use }) => use === 'official') ?? name?.[0]
const skillsOf = (role: PractitionerRole | undefined): string[] =>
  (role?.specialty ?? []).flatMap(
    ({ coding }) =>
      coding?.flatMap(({ system, code }) => (system === staffWords.skill && code !== undefined ? [code] : [])) ?? [],
  )

function personOf(
  id: string,
  person: (Practitioner & { id: string }) | undefined,
  row: Row,
  asked: readonly Column[],
): Practitioner & { id: string } {
  const has = (...columns: Column[]) => columns.some((column) => asked.includes(column))
  const former = person ?? { resourceType: 'Practitioner' as const, id }
  const next: Practitioner & { id: string } = { ...former, active: row.active === 'yes' }
  if (has('family', 'given', 'prefix') || !person) {
    const list = (text: string) => (text === '' ? undefined : text.split(/\s+/))
    const [prefix, given] = [list(row.prefix), list(row.given)]
    const { prefix: _p, given: _g, family: _f, text: _t, ...rest } = officialOf(former) ?? { use: 'official' as const }
    const name = {
      ...rest,
      text: nameOf(row),
      family: row.family,
      ...(given ? { given } : {}),
      ...(prefix ? { prefix } : {}),
    }
    const others = (former.name ?? []).filter((one) => one !== officialOf(former))
    next.name = [name, ...others]
  }
  if (has('email', 'phone')) {
    const kept = (former.telecom ?? []).filter(
      ({ system }) => !((system === 'email' && has('email')) || (system === 'phone' && has('phone'))),
    )
    const given = (['email', 'phone'] as const).flatMap((system) =>
      has(system) && row[system] !== '' ? [{ system, value: row[system], use: 'work' as const }] : [],
    )
    next.telecom = [...kept, ...given]
  }
  if (has('npi')) {
    const kept = (former.identifier ?? []).filter(({ system }) => system !== npiSystem)
    next.identifier = row.npi === '' ? kept : [...kept, { system: npiSystem, value: row.npi }]
  }
  if (has('languages'))
    next.communication = wordsIn(row.languages).map((code) => ({ coding: [{ system: 'urn:ietf:bcp:47', code }] }))
  if (has('credentials'))
    next.qualification = [
      ...(former.qualification ?? []).filter((one) => credentialOf(one) === undefined),
      ...wordsIn(row.credentials).map((code) => ({ code: { coding: [{ system: staffWords.credential, code }] } })),
    ]
  return withoutEmpty(next)
}

function postOf(
  id: string,
  role: (PractitionerRole & { id: string }) | undefined,
  row: Row,
  asked: readonly Column[],
): PractitionerRole & { id: string } {
  const has = (column: Column) => asked.includes(column)
  const former: PractitionerRole & { id: string } = role ?? {
    resourceType: 'PractitionerRole',
    id: postId(id),
    active: true,
    practitioner: { reference: `Practitioner/${id}` },
  }
  const next = { ...former }
  if (has('skills'))
    next.specialty = [
      ...(former.specialty ?? []).filter(
        ({ coding }) => coding?.some(({ system }) => system === staffWords.skill) !== true,
      ),
      ...wordsIn(row.skills).map((code) => ({ coding: [{ system: staffWords.skill, code }] })),
    ]
  if (has('sites')) next.location = wordsIn(row.sites).map((site) => ({ reference: `Location/${site}` }))
  if (has('capacity')) {
    const others = (former.extension ?? []).filter(({ url }) => url !== staffWords.capacity)
    const share: Extension[] =
      row.capacity === '' ? [] : [{ url: staffWords.capacity, valueInteger: Number(row.capacity) }]
    next.extension = [...others, ...share]
  }
  if (has('hours')) next.availableTime = readWeeklyHours(row.hours) ?? []
  if (has('from') || has('until'))
    next.period = {
      ...(row.from === '' ? {} : { start: row.from }),
      ...(row.until === '' ? {} : { end: row.until }),
    }
  return withoutEmpty(next)
}

// An id has 64 characters at most.
const postId = (id: string) => (id.length > 59 ? id : `post-${id}`)

/** FHIR has no empty lists and no empty objects. */
const withoutEmpty = <T extends object>(resource: T): T =>
  Object.fromEntries(
    Object.entries(resource).filter(
      ([, value]) => typeof value !== 'object' || value === null || Object.keys(value).length > 0,
    ),
  ) as T

interface Around {
  person: Practitioner | undefined
  /** PractitionerRoles that they hold. */
  held: number
  asked: readonly Column[]
  sites: ReadonlyMap<string, unknown>
}

function faultsOf(
  ontology: HouseOntology,
  { line, values }: CsvRow<Column>,
  { person, held, asked, sites }: Around,
): LineFault[] {
  const faults: LineFault[] = []
  const fault = (column: Column, code: string, message: string) => faults.push({ line, column, code, message })
  const wrong = (column: Column, pattern: RegExp, message: string) => {
    if (values[column] !== '' && !pattern.test(values[column])) fault(column, 'value', message)
  }
  if (!isId(values.practitioner))
    fault('practitioner', 'value', 'an id of letters, digits, points and dashes, at most 64')
  if ((!person || asked.includes('family')) && values.family === '') fault('family', 'required', 'somebody has a name')
  for (const column of ['family', 'given', 'prefix'] as const)
    if (values[column].length > 100) fault(column, 'too-long', '100 characters are the most')
  wrong('email', /^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'an address such as ada@clinic.example')
  wrong('phone', /^[+\d][\d ().x-]{4,30}$/, 'a telephone number')
  if (values.npi !== '' && !isNpi(values.npi))
    fault('npi', 'check-digit', 'ten digits, the last of which checks the others')
  for (const word of wordsIn(values.languages.toLowerCase()))
    if (!/^[a-z]{2}$/.test(word)) fault('languages', 'value', `${word} is no language of two letters`)
  for (const word of wordsIn(values.credentials)) {
    const known = ontology.credentials.find(({ id }) => id === word)
    if (!known)
      fault(
        'credentials',
        'unknown-credential',
        `one of ${ontology.credentials
          .filter(({ licensed }) => !licensed)
          .map(({ id }) => id)
          .join(', ')}`,
      )
    else if (known.licensed)
      fault('credentials', 'licence-needed', `${word} counts only with a licence: it stands in the table of licences`)
  }
  for (const word of wordsIn(values.skills))
    if (!/^[a-z][a-z0-9-]{0,59}$/.test(word))
      fault('skills', 'value', `${word} is no name of a skill such as wound-care`)
  for (const word of wordsIn(values.sites))
    if (!sites.has(`Location/${word}`)) fault('sites', 'unknown-place', `there is no Location/${word}`)
  const share = /^(\d{1,3}) ?%?$/.exec(values.capacity)?.[1]
  if (values.capacity !== '' && (share === undefined || Number(share) < 1 || Number(share) > 100))
    fault('capacity', 'value', 'percent of the time at work, 1 to 100')
  if (readWeeklyHours(values.hours) === undefined)
    fault('hours', 'value', 'hours such as mon-thu 08:00-16:00; fri 08:00-12:00')
  for (const column of ['from', 'until'] as const)
    if (values[column] !== '' && !isDate(values[column])) fault(column, 'date', 'a date such as 2026-01-31')
  if (isDate(values.from) && isDate(values.until) && values.until < values.from)
    fault('until', 'order', `lies before ${values.from}`)
  wrong('active', /^(?:yes|no)$/, 'yes or no')
  if (held > 1 && post.some((column) => asked.includes(column)))
    fault('practitioner', 'several-posts', 'holds several PractitionerRoles: change these by FHIR')
  return faults
}

/** The check of a US National Provider Identifier: Luhn's over 80840 and its ten digits. */
function isNpi(text: string): boolean {
  if (!/^[12]\d{9}$/.test(text)) return false
  const digits = Array.from(`80840${text}`, Number).toReversed()
  const sum = digits.reduce((all, digit, n) => all + (n % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0)), 0)
  return sum % 10 === 0
}
