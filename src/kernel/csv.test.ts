import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCsv } from './csv.ts'
import { CodedError } from './errors.ts'

const columns = { needed: ['name', 'from'], optional: ['note'] } as const
const faultsOf = (text: string) => {
  try {
    readCsv(text, columns)
    return []
  } catch (error) {
    return error instanceof CodedError ? error.faults.map(({ path, message }) => `${path}: ${message}`) : [error]
  }
}

test('a table is read by the names of its columns, with quoted commas, quotes and line ends', () => {
  expect(
    readCsv('\uFEFFfrom,Name\r\n2026-01-01,"Roy, ""Sophie"""\r\n\r\n2026-01-02,"two\nlines"\r\n', columns),
  ).toEqual([
    { line: 2, values: { from: '2026-01-01', name: 'Roy, "Sophie"', note: '' } },
    { line: 4, values: { from: '2026-01-02', name: 'two\nlines', note: '' } },
  ])
})

test('every fault is told with its row', () => {
  expect(faultsOf('name,name,colour\na,b,c\nd,e\n"f')).toEqual([
    'row 1: the column name is there twice',
    'row 1: there is no column colour',
    'row 1: the column from is missing',
    'row 3: has 2 fields and the head 3',
    'row 4: a quotation mark is not closed',
  ])
  expect(faultsOf('name,from')).toEqual(['row 2: there are no rows'])
  expect(faultsOf('')).toContain('row 1: the column name is missing')
})

test('whatever stands in the fields, they come back as they were', () => {
  const field = fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '\n', ' ', ';') }).map((text) => text.trim())
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 8 }), (rows) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
      const text = ['name,from', ...rows.map((row) => row.map(quoted).join(','))].join('\n')
      expect(readCsv(text, columns).map(({ values }) => [values.name, values.from])).toEqual(rows)
    }),
  )
})
