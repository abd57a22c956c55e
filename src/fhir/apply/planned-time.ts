import type { Age, Period, Resource } from '@medplum/fhirtypes'

const months: Readonly<Record<string, number | undefined>> = { a: 12, mo: 1 }
const days: Readonly<Record<string, number | undefined>> = { wk: 7, d: 1 }

/** The day on which a patient is of an age, if the birth date is known to the day; undefined otherwise. */
export function planned(age: Age | undefined, subject: Resource): Period | undefined {
  const { value, code, unit } = age ?? {}
  const birth = subject.resourceType === 'Patient' ? /^(\d{4})-(\d\d)-(\d\d)$/.exec(subject.birthDate ?? '') : null
  if (value === undefined || !Number.isInteger(value) || !birth) return undefined
  const [year = 0, month = 0, day = 0] = birth.slice(1).map(Number)
  const name = code ?? unit ?? ''
  const months_ = months[name]
  const days_ = days[name]
  if (months_ === undefined && days_ === undefined) return undefined
  const first = new Date(Date.UTC(year, month - 1 + (months_ ?? 0) * value, 1))
  // Born on the 31st, somebody is a month older on the last day of a shorter month.
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate()
  const moment = Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), Math.min(day, last) + (days_ ?? 0) * value)
  return Number.isFinite(moment) && moment < Date.UTC(10_000, 0)
    ? { start: new Date(moment).toISOString().slice(0, 10) }
    : undefined
}
