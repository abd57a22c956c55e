import fc from 'fast-check'
import createHighs from 'highs'
import { expect, test } from 'vitest'
import { Allotment, type Allotting } from './allot.ts'

const loadHighs = typeof createHighs === 'function' ? createHighs : createHighs.default
const highs = await loadHighs()

/** The most minutes that can be served, by the linear programme. */
function most({ people, work, links }: Allotting): number {
  if (links.length === 0) return 0
  const rows = people.length + work.length
  const model = highs.createModel({
    numCols: links.length,
    numRows: rows,
    offset: 0,
    colCost: new Float64Array(links.length).fill(-1),
    colLower: new Float64Array(links.length),
    colUpper: new Float64Array(links.length).fill(1e6),
    rowLower: new Float64Array(rows).fill(-highs.infinity),
    rowUpper: Float64Array.from([...people, ...work]),
    matrix: {
      format: 'csc',
      numRows: rows,
      numCols: links.length,
      starts: Int32Array.from({ length: links.length + 1 }, (_, index) => index * 2),
      indices: Int32Array.from(links.flatMap(({ person, work: one }) => [person, people.length + one])),
      values: new Float64Array(links.length * 2).fill(1),
    },
  })
  try {
    model.options.set({ output_flag: false })
    model.run()
    return -model.getObjectiveValue()
  } finally {
    model.dispose()
  }
}
const minutes = fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 8 })
const allotting = fc.tuple(minutes, minutes).chain(([people, work]) =>
  fc.uniqueArray(fc.nat(people.length * work.length - 1), { maxLength: 30 }).map((pairs) => ({
    people,
    work,
    links: pairs.map((pair) => ({ person: pair % people.length, work: Math.floor(pair / people.length) })),
  })),
)
const sum = (list: readonly number[]) => list.reduce((total, one) => total + one, 0)

test('as much is served as can be at all, says the linear programme too; a further licence gains what solving anew says', () => {
  fc.assert(
    fc.property(allotting, fc.nat(7), fc.nat(7), (one, person, work) => {
      const plan = new Allotment(one)
      expect(sum(plan.served)).toBeCloseTo(most(one), 3)
      for (const [index, served] of plan.served.entries()) expect(served).toBeLessThan((one.work[index] ?? 0) + 1e-3)
      const before = [...plan.served]
      const link = { person: person % one.people.length, work: work % one.work.length }
      const licensed = {
        ...one,
        links: [...one.links.filter((l) => l.person !== link.person || l.work !== link.work), link],
      }
      expect(sum(before) + plan.gain(link.person, [link.work])).toBeCloseTo(most(licensed), 3)
      const more = {
        ...one,
        work: one.work.map((asked, n) => (n === link.work ? (before[n] ?? 0) + 100 : (before[n] ?? asked))),
      }
      expect(sum(before) + plan.room(link.work, 100)).toBeCloseTo(most(more), 3)
      expect(plan.served).toEqual(before)
    }),
    { numRuns: 100 },
  )
})

test('what is short is spread over the work, and does not fall on one place alone', () => {
  const both = [0, 1].map((work) => ({ person: 0, work }))
  expect(new Allotment({ people: [60], work: [100, 50], links: both }).served).toEqual([40, 20])
  // One hour of a person counts once, though two places want it.
  expect(sum(new Allotment({ people: [60], work: [60, 60], links: both }).served)).toBe(60)
})
