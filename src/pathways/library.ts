import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { type Calendar, minutesOf } from './calendar.ts'
import { type Role, roleSchema, type Template, templateSchema } from './model.ts'

/** What a clinic's library of files holds. */
export interface Library {
  /** Sources by pathway file, for the checker and the publisher. */
  pathways: { file: string; source: string }[]
  scenarios: { file: string; source: string }[]
  /** Access policies by file; the access room reads them. */
  policies: { file: string; source: string }[]
  templates: Template[]
  roles: Role[]
  calendar: Calendar
}

const clock = /^(\d\d):(\d\d)$/
const calendarSchema = z.strictObject({
  zone: z
    .string()
    .refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC', 'an IANA time zone'),
  hours: z.partialRecord(
    z.enum(['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']),
    z.tuple([z.string().regex(clock), z.string().regex(clock)]),
  ),
  holidays: z.array(z.iso.date()),
})

const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const

export function readCalendar(source: string): Calendar {
  const { zone, hours, holidays } = calendarSchema.parse(parseYaml(source))
  return {
    zone,
    holidays,
    hours: Object.fromEntries(
      dayNames.flatMap((name, day) => {
        const open = hours[name]
        return open ? [[day, [minutesOf(open[0]), minutesOf(open[1])] as const]] : []
      }),
    ),
  }
}

/** Reads a library from its files' texts, by path relative to its folder. Throws a ZodError on a wrong shape of anything but a pathway. */
export function readLibrary(files: Readonly<Record<string, string>>): Library {
  const under = (folder: string) =>
    Object.entries(files)
      .filter(([path]) => path.startsWith(`${folder}/`) && path.endsWith('.yaml'))
      .map(([file, source]) => ({ file, source }))
  return {
    pathways: under('pathways'),
    scenarios: under('scenarios'),
    policies: under('policies'),
    templates: under('templates').flatMap(({ source }) => z.array(templateSchema).parse(parseYaml(source))),
    roles: z.array(roleSchema).parse(parseYaml(files['roles.yaml'] ?? '[]')),
    calendar: readCalendar(files['calendar.yaml'] ?? 'zone: UTC\nhours: {}\nholidays: []'),
  }
}
