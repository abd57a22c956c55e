import type { PractitionerRoleAvailableTime } from '@medplum/fhirtypes'

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
type Day = (typeof days)[number]

const part = /^([a-z]{3}(?:(?:-| )[a-z]{3})*) +((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)$/

/**
 * General hours as a table has them (`mon-thu 08:00-16:00; fri 08:00-12:00`) in FHIR's form; undefined when they cannot be
 * read. Nothing is no hours.
 */
export function readWeeklyHours(text: string): PractitionerRoleAvailableTime[] | undefined {
  const found: PractitionerRoleAvailableTime[] = []
  for (const piece of text
    .toLowerCase()
    .split(';')
    .map((one) => one.trim().replace(/\s+/g, ' '))) {
    if (piece === '') continue
    const [, named = '', from = '', until = ''] = part.exec(piece) ?? []
    const list = daysOf(named)
    if (list === undefined || from >= until) return undefined
    found.push({
      daysOfWeek: list,
      availableStartTime: `${from}:00`,
      // FHIR's time ends before midnight: without an end it lasts until then.
      ...(until === '24:00' ? {} : { availableEndTime: `${until}:00` }),
    })
  }
  return found
}

function daysOf(text: string): Day[] | undefined {
  const list = text.split(' ').flatMap((one): (Day | undefined)[] => {
    const [first, last] = one.split('-').map((name) => days.findIndex((day) => day === name))
    if (first === undefined || first < 0 || last === -1) return [undefined]
    if (last === undefined) return [days[first]]
    return first <= last ? days.slice(first, last + 1) : [undefined]
  })
  const known = list.filter((day) => day !== undefined)
  return known.length === list.length && known.length > 0 ? days.filter((day) => known.includes(day)) : undefined
}

/** The same hours as a table has them; days that follow each other are drawn together. */
export const writeWeeklyHours = (hours: readonly PractitionerRoleAvailableTime[]): string =>
  hours
    .map(({ daysOfWeek, allDay, availableStartTime, availableEndTime }) => {
      const [from, until] = allDay === true ? [undefined, undefined] : [availableStartTime, availableEndTime]
      return `${daysText(days.filter((day) => daysOfWeek === undefined || daysOfWeek.includes(day)))} ${(from ?? '00:00').slice(0, 5)}-${(until ?? '24:00').slice(0, 5)}`
    })
    .join('; ')

function daysText(list: readonly Day[]): string {
  const runs: Day[][] = []
  for (const day of list) {
    const last = runs.at(-1)?.at(-1)
    if (last !== undefined && days.indexOf(day) === days.indexOf(last) + 1) runs.at(-1)?.push(day)
    else runs.push([day])
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.join(' '))).join(' ')
}
