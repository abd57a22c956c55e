import { expect, test } from 'vitest'
import { canonicalUnit, inBase } from './search-units.ts'

const measured = (value: number, code: string) => {
  const unit = canonicalUnit(code)
  return unit && [inBase(value, unit), unit.base]
}

test.each([
  [5.4, 'mg', 0.0054, 'g'],
  [1, 'mg/dL', 0.01, 'g/L'],
  [7.2, 'mmol/L', 0.0072, 'mol/L'],
  [120, 'mm[Hg]', 0.12, 'm[Hg]'],
  [98.6, '[degF]', 37, 'Cel'],
  [60, '/min', 1, 's-1'],
  [60, '{beats}/min', 1, '/s'],
  [25, 'kg/m2', 25, 'kg.m-2'],
  [4.5, '10*3/uL', 4.5, '10*9/L'],
  [2, 'h', 120, 'min'],
  [90, 'mL/min/{1.73_m2}', 0.09, 'L/min'],
  [1, '[lb_av]', 453.59237, 'g'],
  [1, 'dag', 10, 'g'],
  [12, '%', 0.12, '1'],
])('%d %s is %d %s', (value, code, other, otherCode) => {
  expect(measured(value, code)).toEqual(measured(other, otherCode))
})

test('units of different kinds do not meet, and what is not understood is not guessed', () => {
  expect(canonicalUnit('mg')?.base).not.toBe(canonicalUnit('mL')?.base)
  expect(canonicalUnit('[iU]/L')?.base).not.toBe(canonicalUnit('mol/L')?.base)
  for (const code of ['beats', 'mg/(kg.h)', 'tablet', '', '//', 'm[', ']', 'xmg', 'constructor'])
    expect([code, canonicalUnit(code)]).toEqual([code, undefined])
})
