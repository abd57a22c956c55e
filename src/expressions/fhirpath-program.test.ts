import { expect, test } from 'vitest'
import { fhirPathProgram } from './fhirpath-program.ts'

const weighted = (code: string, value: number) => ({
  code,
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/itemWeight', valueDecimal: value }],
})
const response = {
  resourceType: 'QuestionnaireResponse',
  item: [
    { linkId: 'a', answer: [{ valueCoding: weighted('x', 2) }] },
    { linkId: 'b', item: [{ linkId: 'c', answer: [{ valueInteger: 3 }, { valueInteger: 4 }] }] },
    { linkId: 'born', answer: [{ valueDate: '2000-02-29' }] },
  ],
}

function run(source: string, environment: Record<string, unknown[]> = {}, steps = 100_000): unknown {
  const program = fhirPathProgram(source)
  if (!program.ok) return `refused: ${program.message}`
  const found = program.run({
    focus: [response],
    environment: { resource: [response], ...environment },
    now: Date.UTC(2026, 2, 2, 3),
    zone: 'America/Toronto',
    budget: { steps },
  })
  return found.ok ? found.values.map(({ value }) => value) : found.message
}

test.each<[source: string, answer: unknown]>([
  [`%resource.item.where(linkId = 'a').answer.value.weight()`, [2]],
  [`item.where(linkId = 'a').weight()`, [2]],
  [`item.where(linkId = 'a').answer.value.ordinal() + 1`, [3]],
  [`%resource.descendants().where(linkId = 'c').answer.value.sum()`, [7]],
  [`repeat(item).linkId`, ['a', 'b', 'born', 'c']],
  [`repeat(item).answer.value.ofType(integer).aggregate($this + $total, 0)`, [7]],
  [
    `repeat(item).answer.value.ofType(integer).aggregate(iif($total.empty(), $this, iif($this > $total, $this, $total)))`,
    [4],
  ],
  [`(0.1 | 0.2).sum()`, [0.3]],
  [`(3 | 1 | 2).min()`, [1]],
  [`today()`, ['2026-03-01']],
  [`now()`, ['2026-03-02T03:00:00.000Z']],
  [`%resource.item.where(linkId = 'born').answer.value + 1 year`, ['2001-02-28']],
  [`@2026-01-31 + 1 month`, ['2026-02-28']],
  [`today() - 2 weeks`, ['2026-02-15']],
  [`@2026-03-01 < today() + 1 day`, [true]],
  [`today().toString()`, ['2026-03-01']],
  [`1 / 0`, []],
  [`%many.count()`, [2]],
  [`%nothing.exists()`, [false]],
  [`'K1A 0B1'.matches('^[A-Z]\\\\d[A-Z] ?\\\\d[A-Z]\\\\d$')`, [true]],
])('%s', (source, answer) => {
  expect(run(source, { many: ['x', 'y'] })).toEqual(answer)
})

test('an expression that would go on for ever is given up', () => {
  const nested = `%resource.descendants().where(${'%resource.descendants().where('.repeat(6)}true${').exists()'.repeat(6)})`
  expect(run(nested, {}, 20_000)).toBe('takes too long')
})

test('what is not offered is refused when it is authored, not when a patient waits', () => {
  expect(run(`item.answer.value.memberOf('http://example.org/vs')`)).toBe(
    'refused: uses memberOf(), which is not offered here',
  )
  expect(run('item..linkId')).toMatch(/^refused: is not FHIRPath/)
})
