import { readDate } from './date-range.ts'
import { refuse } from './errors.ts'
import { clip } from './fold-text.ts'
import type { DateTest, NumberTest, Prefix, QuantityTest } from './search-condition.ts'
import { ucum } from './search-rows.ts'
import { canonicalUnit, inBase } from './search-units.ts'

export const unsupported = (path: string, message: string) =>
  refuse('search-parameter-unsupported', { faults: [{ path, message }] })
export const invalid = (path: string, message: string) =>
  refuse('search-value-invalid', { faults: [{ path, message }] })

/** Splits at a separator that no backslash stands before (FHIR R4 3.1.1.4.19). */
export function splitAt(text: string, separator: ',' | '|' | '$'): string[] {
  const parts: string[] = ['']
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i)
    const last = parts.length - 1
    if (character === '\\' && i + 1 < text.length) {
      parts[last] += character + text.charAt(i + 1)
      i += 1
    } else if (character === separator) parts.push('')
    else parts[last] += character
  }
  return parts
}
export const unescape = (text: string): string => text.replace(/\\([,|$\\])/g, '$1')

/** The alternatives of a value; there must be one. */
export function alternatives(path: string, raw: string): string[] {
  const texts = splitAt(raw, ',').filter((text) => text !== '')
  if (texts.length === 0) throw invalid(path, 'is empty')
  return texts
}

function readPrefix(text: string): [Prefix, string] {
  const match = /^(eq|ne|lt|gt|le|ge|sa|eb|ap)?(.*)$/s.exec(text)
  return [(match?.[1] ?? 'eq') as Prefix, match?.[2] ?? '']
}

/** `ge2026-03`. */
export function readDateTest(path: string, text: string): DateTest {
  const [prefix, rest] = readPrefix(text)
  // A plus sign in a query is a space once decoded.
  const range = readDate(rest.replace(/ (\d{2}:\d{2})$/, '+$1'))
  if (!range) throw invalid(path, 'is not a date, with or without a prefix')
  return { ...range, prefix }
}

/** `lt5.40`: the half of the last figure written, either way, is what `eq` allows for (FHIR R4 3.1.1.4.7). */
export function readNumberTest(path: string, text: string): NumberTest {
  const [prefix, rest] = readPrefix(text)
  const match = /^[+-]?\d{1,40}(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/.exec(rest)
  const at = Number(rest)
  if (!match || !Number.isFinite(at)) throw invalid(path, 'is not a number, with or without a prefix')
  const half = 10 ** (Number(match[2] ?? 0) - (match[1]?.length ?? 0)) / 2
  const round = (value: number) => Number(value.toPrecision(15))
  return { prefix, at, low: round(at - half), high: round(at + half) }
}

/** `5.4|http://unitsofmeasure.org|mg`, `5.4||mg`, `5.4`. */
export function readQuantityTest(path: string, text: string): QuantityTest {
  const [number = '', system = '', code = '', ...rest] = splitAt(text, '|').map(unescape)
  if (rest.length > 0) throw invalid(path, 'is not a number, a system and a code')
  const test = readNumberTest(path, number)
  const unit = system === ucum && code !== '' ? canonicalUnit(code) : undefined
  if (unit)
    return {
      prefix: test.prefix,
      at: inBase(test.at, unit),
      low: inBase(test.low, unit),
      high: inBase(test.high, unit),
      base: unit.base,
      system: undefined,
      code: undefined,
      unit: undefined,
    }
  return {
    ...test,
    // A row of another system is in no base units: it stands under the empty base.
    base: system === '' ? undefined : '',
    system: system === '' ? undefined : clip(system),
    code: system !== '' && code !== '' ? clip(code) : undefined,
    unit: system === '' && code !== '' ? clip(code) : undefined,
  }
}
