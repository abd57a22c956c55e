import type { Questionnaire } from '@medplum/fhirtypes'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { type Calendar, minutesOf, parseDuration } from './calendar.ts'
import type { NamedScenario } from './run-scenarios.ts'
import { type Role, roleSchema, type Template, templateSchema } from './model.ts'

/** What a clinic's library of files holds. */
export interface Library {
  /** Sources by pathway file, for the checker and the publisher. */
  pathways: { file: string; source: string }[]
  /** Sources of pathways that a clinic may take up; nobody is enrolled in them until it publishes them. */
  catalogue: { file: string; source: string }[]
  scenarios: { file: string; source: string }[]
  /** Automations by file, and the flags that hold them down; the release room reads them. */
  automations: { file: string; source: string }[]
  flags: string
  /** What to do when an automation fails; the release room reads them. */
  runbooks: { file: string; source: string }[]
  /** Hazards of automations and what holds them; the release room reads them. */
  safety: { file: string; source: string }[]
  /** Access policies by file; the access room reads them. */
  policies: { file: string; source: string }[]
  /** The task ontology by file: places, credentials, compacts, kinds; the work room reads them. */
  ontology: { file: string; source: string }[]
  /** The service menu by file; the scheduling room reads it. */
  services: { file: string; source: string }[]
  /** Where services are given; they become Locations. */
  places: z.output<typeof placesSchema>
  /** Questionnaires that `form` steps may ask for, by their canonical. */
  forms: (Questionnaire & { url: string })[]
  templates: Template[]
  roles: Role[]
  calendar: Calendar
  contact: ContactBudget
}

const clock = /^(\d\d):(\d\d)$/
const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const

/** A calendar as files write it. */
export const calendarSchema = z
  .strictObject({
    zone: z
      .string()
      .refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC', 'an IANA time zone'),
    hours: z.partialRecord(z.enum(dayNames), z.tuple([z.string().regex(clock), z.string().regex(clock)])),
    holidays: z.array(z.iso.date()),
  })
  .transform(
    ({ zone, hours, holidays }): Calendar => ({
      zone,
      holidays,
      hours: Object.fromEntries(
        dayNames.flatMap((name, day) => {
          const open = hours[name]
          return open ? [[day, [minutesOf(open[0]), minutesOf(open[1])] as const]] : []
        }),
      ),
    }),
  )

const placesSchema = z.array(
  z.strictObject({
    id: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/),
    name: z.string().min(1),
    in: z.string().regex(/^(?:US|CA)-[A-Z]{2}$/),
  }),
)

const hold = z.string().transform((text, issues) => {
  const duration = parseDuration(text)
  if (duration && !duration.unit.startsWith('business')) return duration
  issues.addIssue({ code: 'custom', message: 'a duration in minutes, hours, days or weeks' })
  return z.NEVER
})
const contactSchema = z.strictObject({
  quiet: z.tuple([z.string().regex(clock), z.string().regex(clock)]).optional(),
  daily: z.int().min(1).optional(),
  weekly: z.int().min(1).optional(),
  gather: hold.optional(),
  longest: hold,
})

/**
 * How often and when a patient may be told something, over all journeys: quiet hours on the patient's own clock, messages
 * a local day and in any seven days, how long a reminder waits for others, and how long a message may be held at most.
 */
export type ContactBudget = z.infer<typeof contactSchema>

/** What is needed of a form here; the record checks the rest when it is written there. */
const formSchema = z.looseObject({
  resourceType: z.literal('Questionnaire'),
  id: z.string(),
  url: z.url(),
  status: z.string(),
})

/** Reads a library from its files' texts, by path relative to its folder. Throws a ZodError on a wrong shape of anything but a pathway. */
export function readLibrary(files: Readonly<Record<string, string>>): Library {
  const under = (folder: string) =>
    Object.entries(files)
      .filter(([path]) => path.startsWith(`${folder}/`) && path.endsWith('.yaml'))
      .map(([file, source]) => ({ file, source }))
  return {
    pathways: under('pathways'),
    catalogue: under('catalogue'),
    scenarios: under('scenarios'),
    automations: under('automations'),
    flags: files['flags.yaml'] ?? '[]',
    runbooks: under('runbooks'),
    safety: under('safety'),
    policies: under('policies'),
    ontology: under('ontology'),
    services: under('services'),
    places: placesSchema.parse(parseYaml(files['places.yaml'] ?? '[]')),
    forms: under('forms').map(({ source }) => formSchema.parse(parseYaml(source)) as Questionnaire & { url: string }),
    templates: under('templates').flatMap(({ source }) => z.array(templateSchema).parse(parseYaml(source))),
    roles: z.array(roleSchema).parse(parseYaml(files['roles.yaml'] ?? '[]')),
    contact: contactSchema.parse(parseYaml(files['contact.yaml'] ?? 'longest: 1 weeks')),
    calendar: calendarSchema.parse(parseYaml(files['calendar.yaml'] ?? 'zone: UTC\nhours: {}\nholidays: []')),
  }
}

/** The library's scenarios of a pathway, each named by its file. */
export const scenariosOf = ({ scenarios }: Library, pathway: string): NamedScenario[] =>
  scenarios.flatMap(({ file, source }) => {
    const content: unknown = parseYaml(source)
    const about = typeof content === 'object' && content !== null && 'pathway' in content ? content.pathway : undefined
    return about === pathway ? [{ name: file.replace(/^.*\//, '').replace(/\.yaml$/, ''), source }] : []
  })
