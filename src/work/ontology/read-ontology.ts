import { z } from 'zod'
import type { Fault } from '../../kernel/index.ts'
import type { Calendar } from '../../pathways/index.ts'
import { refuse } from '../errors.ts'
import { levelFaults, levelsSchema, policiesOf } from '../levels/read-levels.ts'
import type { HouseOntology } from './house-ontology.ts'

/** A YAML text as `main` reads it for this room: what it says, and what is wrong with its form. */
type ReadText = (source: string) => { content: unknown; faults: readonly { message: string }[] }

export interface OntologySources {
  /** By path: `ontology/kinds.yaml` and the others. */
  files: readonly { file: string; source: string }[]
  read: ReadText
  /** The moment of a FHIR date (its midnight here) or dateTime; NaN when it is neither. */
  momentOf(text: string): number
  /** The clinic's hours, and by its zone the midnight at which a date begins. */
  calendar: Calendar
  /** Roles that there are. */
  roles: readonly string[]
}

const id = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/)
const title = z.strictObject({ en: z.string().min(1), fr: z.string().min(1) })
const place = z.string().regex(/^(?:US|CA)-[A-Z]{2}$/, 'a state or province such as US-NY or CA-ON')
const cost = z.number().positive().max(1_000)
const kept = z.int().min(1).max(44_640)
const weight = z.number().nonnegative().max(100_000)

const schemas = (momentOf: (text: string) => number) => {
  const moment = z.string().transform((text, issues) => {
    const at = momentOf(text)
    if (!Number.isNaN(at)) return at
    issues.addIssue({ code: 'custom', message: 'a date such as 2026-01-31' })
    return z.NEVER
  })
  const period = { from: moment, until: moment.optional() }
  return {
    places: z.array(z.strictObject({ id: place, title })),
    credentials: z.array(
      z.strictObject({ id, cost, licensed: z.boolean(), title, codes: z.array(z.string()).default([]) }),
    ),
    compacts: z.array(
      z.strictObject({
        id: z.string().regex(/^[A-Z]{2,10}$/),
        title,
        credentials: z.array(id).min(1),
        members: z.array(z.strictObject({ ...period, in: z.array(place).min(1) })),
      }),
    ),
    kinds: z.array(
      z.strictObject({
        id,
        title,
        minutes: z.int().min(1).max(480),
        privileged: z.boolean().optional(),
        rules: z
          .array(
            z.strictObject({
              ...period,
              in: z.array(place).min(1).optional(),
              may: z.array(id),
              supervised: z.array(z.strictObject({ credential: id, by: z.array(id).min(1) })).optional(),
              skills: z.array(id).optional(),
            }),
          )
          .min(1),
      }),
    ),
    levels: levelsSchema,
    policy: z.strictObject({
      given: z.array(id),
      claims: z.strictObject({ stat: kept, asap: kept, urgent: kept, routine: kept }),
      weights: z.strictObject({ load: weight, stranger: weight, wished: weight, unwished: weight, language: weight }),
      unassigned: z.strictObject({ stat: weight, asap: weight, urgent: weight, routine: weight }),
    }),
  }
}

/**
 * Reads the ontology's six files. Throws `ontology-invalid` with every fault: a wrong shape, a credential, kind, place,
 * role or calendar that is not there, a name given twice. A date of `until` is the first day on which something holds no more.
 */
export function readOntology({ files, read, momentOf, calendar, roles }: OntologySources): HouseOntology {
  const faults: Fault[] = []
  const known = schemas(momentOf)
  const take = <S extends z.ZodType>(name: string, schema: S): z.output<S> | undefined => {
    const file = `ontology/${name}.yaml`
    const source = files.find((one) => one.file === file)?.source
    const text = source === undefined ? undefined : read(source)
    if (!text || text.faults.length > 0) {
      faults.push({ path: file, message: text?.faults[0]?.message ?? 'there is no such file' })
      return undefined
    }
    const parsed = schema.safeParse(text.content)
    for (const issue of parsed.error?.issues ?? [])
      faults.push({ path: `${file}:${issue.path.join('.')}`, message: issue.message })
    return parsed.data
  }
  const places = take('places', known.places) ?? []
  const credentials = take('credentials', known.credentials) ?? []
  const compacts = take('compacts', known.compacts) ?? []
  const kinds = take('kinds', known.kinds) ?? []
  const policy = take('policy', known.policy)
  const levels = take('levels', known.levels)
  if (faults.length === 0) faults.push(...danglingNames({ places, credentials, compacts, kinds, given: policy?.given }))
  if (faults.length === 0 && levels)
    faults.push(...levelFaults(levels, { kinds: kinds.map((kind) => kind.id), roles }, 'ontology/levels.yaml'))
  if (faults.length > 0 || !policy || !levels) throw refuse('ontology-invalid', { faults })
  return {
    zone: calendar.zone,
    levels: policiesOf(levels, calendar),
    calendars: { ...levels.calendars, clinic: calendar },
    places,
    credentials,
    policy,
    compacts: compacts.map(({ members, ...compact }) => ({
      ...compact,
      members: members.flatMap(({ in: where, from, until }) =>
        where.map((jurisdiction) => ({ jurisdiction, from, ...(until === undefined ? {} : { until }) })),
      ),
    })),
    kinds: kinds.map(({ rules, privileged, ...kind }) => ({
      ...kind,
      ...(privileged === undefined ? {} : { privileged }),
      rules: rules.map(({ in: jurisdictions, from, until, may, supervised, skills }) => ({
        from,
        may,
        ...(until === undefined ? {} : { until }),
        ...(jurisdictions ? { jurisdictions } : {}),
        ...(supervised ? { supervised } : {}),
        ...(skills ? { skills } : {}),
      })),
    })),
  }
}

interface Names {
  places: readonly { id: string }[]
  credentials: readonly { id: string }[]
  compacts: readonly { id: string; credentials: readonly string[]; members: readonly { in: readonly string[] }[] }[]
  kinds: readonly {
    id: string
    rules: readonly {
      in?: readonly string[] | undefined
      may: readonly string[]
      supervised?: readonly { credential: string; by: readonly string[] }[] | undefined
    }[]
  }[]
  given: readonly string[] | undefined
}

function danglingNames({ places, credentials, compacts, kinds, given = [] }: Names): Fault[] {
  const faults: Fault[] = []
  const sets = {
    place: new Set(places.map((one) => one.id)),
    credential: new Set(credentials.map((one) => one.id)),
    kind: new Set(kinds.map((one) => one.id)),
  }
  const check = (what: keyof typeof sets, names: readonly string[], path: string) => {
    for (const name of names) if (!sets[what].has(name)) faults.push({ path, message: `there is no ${what} ${name}` })
  }
  for (const [file, list] of Object.entries({ places, credentials, compacts, kinds }))
    for (const [index, one] of list.entries())
      if (list.findIndex((other) => other.id === one.id) !== index)
        faults.push({ path: `ontology/${file}.yaml:${index}.id`, message: `${one.id} is there twice` })
  for (const [index, compact] of compacts.entries()) {
    check('credential', compact.credentials, `ontology/compacts.yaml:${index}.credentials`)
    for (const [at, member] of compact.members.entries())
      check('place', member.in, `ontology/compacts.yaml:${index}.members.${at}.in`)
  }
  for (const [index, kind] of kinds.entries())
    for (const [at, rule] of kind.rules.entries()) {
      const path = `ontology/kinds.yaml:${index}.rules.${at}`
      check('place', rule.in ?? [], `${path}.in`)
      check('credential', rule.may, `${path}.may`)
      for (const one of rule.supervised ?? []) check('credential', [one.credential, ...one.by], `${path}.supervised`)
    }
  check('kind', given, 'ontology/policy.yaml:given')
  return faults
}
