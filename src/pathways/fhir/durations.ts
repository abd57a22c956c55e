import type { Duration as FhirDuration, Timing } from '@medplum/fhirtypes'
import { parseDuration } from '../calendar.ts'
import type { Step } from '../model.ts'

const codes = { min: 'min', h: 'h', days: 'd', weeks: 'wk' } as const
const units = { min: 'min', h: 'h', d: 'days', wk: 'weeks' } as const

/** A duration in UCUM; undefined for business days and hours, which UCUM does not have. */
export function fhirDuration(text: string | undefined): FhirDuration | undefined {
  const duration = text === undefined ? undefined : parseDuration(text)
  if (!duration || duration.unit === 'business days' || duration.unit === 'business hours') return undefined
  const code = codes[duration.unit]
  return { value: duration.amount, unit: code, system: 'http://unitsofmeasure.org', code }
}

/** A FHIR Duration in the pathway language's words; undefined when the language has no such unit or amount. */
export function durationText(duration: FhirDuration | undefined): string | undefined {
  const unit = units[(duration?.code ?? duration?.unit ?? '') as keyof typeof units]
  const text = `${duration?.value} ${unit}`
  return unit !== undefined && parseDuration(text) ? text : undefined
}

/** How a step comes again, as far as a Timing can say it. */
export function fhirTiming(repeat: NonNullable<Step['repeat']>): Timing | undefined {
  const every = fhirDuration(repeat.every)
  if (!every) return undefined
  const bounds = fhirDuration(repeat.for)
  return {
    repeat: {
      ...(bounds ? { boundsDuration: bounds } : {}),
      ...(repeat.times === undefined ? {} : { count: repeat.times }),
      frequency: 1,
      period: every.value,
      periodUnit: every.code as 'd',
      ...(repeat.at === undefined ? {} : { timeOfDay: [`${repeat.at}:00`] }),
    },
  }
}
