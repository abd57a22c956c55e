/**
 * JSON whose decimals keep the digits they came with. FHIR R4 2.24.0.2: `0.010` says something else than `0.01`, and a
 * server must not change it. A number of JavaScript cannot hold the difference, so the object that owns such a number
 * remembers its text under a symbol: copies by spread take it along, and nothing else in the program sees it.
 */
const digits = Symbol('digits')
type Owner = { [digits]?: Readonly<Record<string, string>> }

// A number that may not come back as it was written: an end in zero after the point, an exponent, more than 15 digits.
// False alarms inside strings cost only time.
const suspicious = /[:[,]\s*-?(?:\d+\.\d*0(?!\d)|\d+(?:\.\d+)?[eE]|[\d.]{16})/

const differs = (source: string, value: number): boolean => String(value) !== source

/** As JSON.parse; numbers whose text would be lost keep it for `writeExact`. A key `__proto__` is left out. */
export function readExact(text: string): unknown {
  const exact = suspicious.test(text)
  // A reviver makes parsing several times slower, so it is used only where there is something to revive.
  if (!exact && !/__proto__|\\u005f/i.test(text)) return JSON.parse(text)
  let kept = false
  const revive = function (this: Owner, key: string, value: unknown, context: { source?: string }): unknown {
    if (key === '__proto__') return undefined
    if (typeof value === 'number' && context.source !== undefined && differs(context.source, value)) {
      this[digits] = { ...this[digits], [key]: context.source }
      kept = true
    }
    return value
  }
  // TypeScript's reviver has no third argument yet: the proposal "JSON.parse source text access", in Node since 21.
  const value: unknown = JSON.parse(text, revive as (this: unknown, key: string, value: unknown) => unknown)
  if (kept && typeof value === 'object' && value !== null) mark(value)
  return value
}

const somewhere = Symbol('digits somewhere below')
type Marked = { [somewhere]?: true }

/** Every object on the way to a kept text is marked, so that writing a resource out of a bundle knows it must look. */
function mark(value: object): boolean {
  let below = (value as Owner)[digits] !== undefined
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null && mark(inner)) below = true
  if (below && !Array.isArray(value)) (value as Marked)[somewhere] = true
  return below
}

/** A number moved from one object to another takes its digits along; afterwards the whole must be noted again. */
export function moveDigits(from: object, name: string, to: object, as: string): void {
  const { [as]: _, ...others } = (to as Owner)[digits] ?? {}
  const source = (from as Owner)[digits]?.[name]
  ;(to as Owner)[digits] = source === undefined ? others : { ...others, [as]: source }
}

/** Says of a value put together anew that digits are kept somewhere below it. */
export const noteDigits = (value: object): void => void mark(value)

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

/** As JSON.stringify; a number that still has the value it was read with is written with the digits it was read with. */
export function writeExact(value: object, indent?: number): string {
  if ((value as Marked)[somewhere] === undefined) return JSON.stringify(value, undefined, indent)
  const exact = function (this: Owner, key: string, inner: unknown) {
    const source = typeof inner === 'number' ? this[digits]?.[key] : undefined
    return source !== undefined && Number(source) === inner ? rawJSON(source) : inner
  }
  return JSON.stringify(value, exact, indent)
}
