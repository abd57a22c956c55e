import { expect, test } from 'vitest'
import { readRecordCondition, writeRecordCondition } from './record-conditions.ts'
import { readVariableCondition, writeVariableCondition } from './variable-conditions.ts'

const conditions = [
  "status = 'active'",
  "status = 'active' and category.coding.where(code = '3457005').exists()",
  "status in ('final' | 'amended' | 'corrected')",
  "category.coding.where(system = 'http://snomed.info/sct' and code in ('1' | '2')).exists().not()",
  'basedOn.where(reference = %trigger).exists()',
  'id = %key',
  "id = %key and (status = 'revoked' or status = 'entered-in-error')",
  'reasonCode.exists() and requester.empty()',
  "code.text = 'it\\'s \\\\ odd' and status != 'draft'",
  "value.ofType(Quantity).value > 7 and (status in ('a' | 'b')).not()",
]

test.each(conditions)('%s is read into parts and written as it was', (condition) => {
  expect(writeRecordCondition(readRecordCondition(condition))).toBe(condition)
})

test('a start’s condition is read as people say it', () => {
  expect(
    readRecordCondition(
      "status = 'active' and category.coding.where(code = '3457005').exists() and reasonCode.coding.where(code = 'x').empty() and a > 1",
    ),
  ).toEqual([
    { kind: 'value', path: 'status', values: ['active'], not: false },
    { kind: 'coded', path: 'category', system: undefined, codes: ['3457005'], not: false },
    { kind: 'coded', path: 'reasonCode', system: undefined, codes: ['x'], not: true },
    { kind: 'text', text: 'a > 1' },
  ])
  expect(readRecordCondition(undefined)).toEqual([])
  expect(writeRecordCondition([])).toBeUndefined()
})

test('what is joined by "or" stays together among other parts', () => {
  const [or] = readRecordCondition("status = 'a' or status = 'b'")
  expect(or).toEqual({ kind: 'text', text: "status = 'a' or status = 'b'" })
  expect(writeRecordCondition([or ?? { kind: 'own-key' }, { kind: 'own-key' }])).toBe(
    "(status = 'a' or status = 'b') and id = %key",
  )
})

test.each([
  ['abnormal', 'all'],
  ['!abnormal && tries > 2', 'all'],
  ["hba1c >= 9.0 || priority == 'urgent'", 'any'],
  ['a && b || c', 'all'],
  ['size(name) > 2 && critical', 'all'],
])('%s is read into parts and written as it was', (condition, joined) => {
  const read = readVariableCondition(condition)
  expect(read.joined).toBe(joined)
  expect(writeVariableCondition(read, { hba1c: 'double', tries: 'int' })).toBe(condition)
})

test('a whole number compared with a double is written as a double', () => {
  expect(
    writeVariableCondition(
      { joined: 'all', clauses: [{ kind: 'compares', variable: 'hba1c', by: '>', value: 8 }] },
      { hba1c: 'double' },
    ),
  ).toBe('hba1c > 8.0')
})
