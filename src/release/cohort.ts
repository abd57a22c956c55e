import { createHash } from 'node:crypto'
import { localMoment } from './local-moment.ts'
import { type Case, matches, type Scope } from './scope.ts'

/** Who takes part: named slices first, then a random share of them. */
export interface Cohort {
  /** Stable name; it salts the hash, so that two cohorts do not take the same patients. */
  name: string
  /** Any of these; the whole tenant when empty. */
  slices: readonly Scope[]
  /** Part of the units in the slices that comes into the canary, 0 to 1. */
  share: number
  /**
   * What is assigned as a whole. `clinic-day` (switchback) where arms share slots: a reminder to one patient frees the slot
   * of another, so single patients are no fair comparison.
   */
  unit: 'patient' | 'clinic-day'
  /** IANA zone of the clinic's day. */
  zone: string
}

export interface Assignment {
  unit: string
  arm: 'canary' | 'control' | 'outside'
  /** The share in force; kept with the unit, since the share may change later. */
  share: number
}

/** A number in [0, 1) that is always the same for the same text. */
export const stableFraction = (text: string): number =>
  createHash('sha256').update(text).digest().readUIntBE(0, 6) / 2 ** 48

/**
 * Puts a case into an arm. The same unit comes into the same arm each time, and a growing share only ever adds units: a
 * patient never falls back out of a canary that widens.
 * @param patient a reference, `Patient/…`
 */
export function assign(cohort: Cohort, patient: string, given: Case): Assignment {
  const unit = cohort.unit === 'patient' ? patient : `${given.site ?? ''}/${localMoment(cohort.zone, given.at).date}`
  const inside = cohort.slices.length === 0 || cohort.slices.some((slice) => matches(slice, given))
  if (!inside) return { unit, arm: 'outside', share: cohort.share }
  const canary = stableFraction(`${cohort.name}\n${unit}`) < cohort.share
  return { unit, arm: canary ? 'canary' : 'control', share: cohort.share }
}
