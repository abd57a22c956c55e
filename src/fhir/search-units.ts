/**
 * Units of the UCUM (unitsofmeasure.org) brought to base units, so that 5.4 mg is found by 0.0054 g. Source of the
 * figures: the UCUM specification, tables 4 to 20. What is not here is compared as it is written.
 */
export interface CanonicalUnit {
  /** A value in the unit times this, plus `offset`, is the value in base units. */
  factor: number
  offset: number
  /** Base units with their exponents, in order: `g1.m-3`. */
  base: string
}

interface Unit {
  factor: number
  base: Readonly<Record<string, number>>
}

const prefixes = new Map<string, number>(
  Object.entries({
    Y: 1e24,
    Z: 1e21,
    E: 1e18,
    P: 1e15,
    T: 1e12,
    G: 1e9,
    M: 1e6,
    k: 1e3,
    h: 1e2,
    da: 1e1,
    d: 1e-1,
    c: 1e-2,
    m: 1e-3,
    u: 1e-6,
    n: 1e-9,
    p: 1e-12,
    f: 1e-15,
    a: 1e-18,
  }),
)

// Units that take a prefix, then those that do not. `[iU]` and the like are measured against nothing: base units of their own.
const metric = new Map<string, readonly [factor: number, of: string]>(
  Object.entries({
    m: [1, 'm1'],
    s: [1, 's1'],
    g: [1, 'g1'],
    rad: [1, 'rad1'],
    K: [1, 'K1'],
    C: [1, 'C1'],
    cd: [1, 'cd1'],
    mol: [1, 'mol1'],
    osm: [1, 'osm1'],
    eq: [1, 'eq1'],
    '[iU]': [1, 'iU1'],
    '[IU]': [1, 'iU1'],
    L: [1e-3, 'm3'],
    l: [1e-3, 'm3'],
    t: [1e6, 'g1'],
    Hz: [1, 's-1'],
    N: [1e3, 'g1 m1 s-2'],
    Pa: [1e3, 'g1 m-1 s-2'],
    J: [1e3, 'g1 m2 s-2'],
    W: [1e3, 'g1 m2 s-3'],
    A: [1, 'C1 s-1'],
    V: [1e3, 'g1 m2 s-2 C-1'],
    Ohm: [1e3, 'g1 m2 s-1 C-2'],
    S: [1e-3, 'g-1 m-2 s1 C2'],
    F: [1e-3, 'g-1 m-2 s2 C2'],
    bar: [1e8, 'g1 m-1 s-2'],
    'm[Hg]': [133_322_387.415, 'g1 m-1 s-2'],
    'm[H2O]': [9_806_650, 'g1 m-1 s-2'],
    cal: [4184, 'g1 m2 s-2'],
    kat: [1, 'mol1 s-1'],
    U: [1e-6 / 60, 'mol1 s-1'],
    Bq: [1, 's-1'],
    Gy: [1, 'm2 s-2'],
    Sv: [1, 'm2 s-2'],
  }),
)
const plain = new Map<string, readonly [factor: number, of: string]>(
  Object.entries({
    '10*': [10, ''],
    '10^': [10, ''],
    '%': [1e-2, ''],
    '[ppth]': [1e-3, ''],
    '[ppm]': [1e-6, ''],
    '[ppb]': [1e-9, ''],
    min: [60, 's1'],
    h: [3600, 's1'],
    d: [86_400, 's1'],
    wk: [604_800, 's1'],
    mo: [2_629_800, 's1'],
    a: [31_557_600, 's1'],
    deg: [Math.PI / 180, 'rad1'],
    atm: [101_325_000, 'g1 m-1 s-2'],
    '[psi]': [6_894_757.293_168, 'g1 m-1 s-2'],
    '[in_i]': [0.0254, 'm1'],
    '[ft_i]': [0.3048, 'm1'],
    '[lb_av]': [453.592_37, 'g1'],
    '[oz_av]': [28.349_523_125, 'g1'],
    '[foz_us]': [2.957_352_956_25e-5, 'm3'],
    '[pH]': [1, 'pH1'],
  }),
)

const unitOf = ([factor, of]: readonly [number, string]): Unit => ({
  factor,
  base: Object.fromEntries(
    of
      .split(' ')
      .filter((one) => one !== '')
      .map((one) => /^([A-Za-z]+)(-?\d)$/.exec(one))
      .map((match) => [match?.[1] ?? '', Number(match?.[2])]),
  ),
})

function power(unit: Unit, exponent: number): Unit {
  return {
    factor: unit.factor ** exponent,
    base: Object.fromEntries(Object.entries(unit.base).map(([name, count]) => [name, count * exponent])),
  }
}

function times(one: Unit, other: Unit): Unit {
  const base: Record<string, number> = { ...one.base }
  for (const [name, count] of Object.entries(other.base)) base[name] = (base[name] ?? 0) + count
  return { factor: one.factor * other.factor, base }
}

function atom(text: string): Unit | undefined {
  const whole = plain.get(text) ?? metric.get(text)
  if (whole) return unitOf(whole)
  for (const length of [1, 2]) {
    const prefix = prefixes.get(text.slice(0, length))
    const unit = metric.get(text.slice(length))
    if (prefix !== undefined && unit) return times({ factor: prefix, base: {} }, unitOf(unit))
  }
  return undefined
}

/** `mg/dL`, `kg.m-2`, `10*3/uL`, `mm[Hg]`, `/min`, `mL/min/{1.73_m2}`; no parentheses. */
function parse(text: string): Unit | undefined {
  if (text === '' || /[./]$|[./]{2}/.test(text)) return undefined
  let result: Unit = { factor: 1, base: {} }
  let read = 0
  for (const [whole, operator, term = ''] of text.matchAll(/([./]?)((?:\[[^\]]*\]|\{[^{}]*\}|[^./[\]{}])+)/gy)) {
    read += whole.length
    const bare = term.replace(/\{[^{}]*\}/g, '')
    const match = /^(10[*^]|.*?[^\d+-])([+-]?\d{1,2})?$/.exec(bare)
    const found = match?.[1] === undefined ? undefined : atom(match[1])
    const unit = /^\d*$/.test(bare)
      ? { factor: Number(bare === '' ? 1 : bare), base: {} }
      : found && power(found, Number(match?.[2] ?? 1))
    if (!unit) return undefined
    result = times(result, power(unit, operator === '/' ? -1 : 1))
  }
  return read === text.length ? result : undefined
}

const known = new Map<string, CanonicalUnit | undefined>()

/** A UCUM code in base units; undefined when it is not understood. */
export function canonicalUnit(code: string): CanonicalUnit | undefined {
  if (known.has(code)) return known.get(code)
  let canonical: CanonicalUnit | undefined
  if (code === 'Cel') canonical = { factor: 1, offset: 273.15, base: 'K1' }
  else if (code === '[degF]') canonical = { factor: 5 / 9, offset: 459.67 * (5 / 9), base: 'K1' }
  else {
    const unit = code.length > 60 ? undefined : parse(code)
    if (unit) {
      const base = Object.entries(unit.base)
        .filter(([, count]) => count !== 0)
        .map(([name, count]) => `${name}${count}`)
        .sort()
        .join('.')
      canonical = { factor: unit.factor, offset: 0, base: base === '' ? '1' : base }
    }
  }
  // Codes come from callers too: what is remembered has an end.
  if (known.size < 2000) known.set(code, canonical)
  return canonical
}

/** A value in base units, to twelve figures, so that two ways to the same value end at the same number. */
export const inBase = (value: number, unit: CanonicalUnit): number =>
  Number((value * unit.factor + unit.offset).toPrecision(12))
