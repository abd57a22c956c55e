import { readdirSync, readFileSync } from 'node:fs'
import type {
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
} from '@medplum/fhirtypes'
import fc from 'fast-check'
import fhirpath from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4/index.js'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { fill, readForm, readSheet, urls } from './index.ts'

// Calculated values against another implementation of FHIRPath and of the functions that SDC adds to it: fhirpath.js.

const context = { now: Date.UTC(2026, 2, 2, 14), zone: 'UTC' }
const folder = new URL('../../library/forms/', import.meta.url)
const forms = readdirSync(folder).map(
  (name) => [name, parse(readFileSync(new URL(name, folder), 'utf8')) as Questionnaire] as const,
)

beforeAll(() => {
  vi.useFakeTimers({ now: context.now, toFake: ['Date'] })
})
afterAll(() => {
  vi.useRealTimers()
})

const calculationOf = (item: QuestionnaireItem): string | undefined =>
  item.extension?.find(({ url }) => url === urls.calculated)?.valueExpression?.expression

/** An answer somebody might give to a question, or none. */
function answerTo(item: QuestionnaireItem): fc.Arbitrary<QuestionnaireResponseItem['answer']> {
  const given = (): fc.Arbitrary<NonNullable<QuestionnaireResponseItem['answer']>[number]> => {
    const options = item.answerOption ?? []
    switch (item.type) {
      case 'choice':
      case 'open-choice':
        return options.length > 0
          ? fc.constantFrom(...options).map(({ valueCoding }) => ({ valueCoding: valueCoding ?? {} }))
          : fc.constant({ valueCoding: { code: 'x' } })
      case 'boolean':
        return fc.boolean().map((valueBoolean) => ({ valueBoolean }))
      case 'integer':
        return fc.integer({ min: 0, max: 200 }).map((valueInteger) => ({ valueInteger }))
      case 'decimal':
        return fc.integer({ min: 1, max: 2_500 }).map((tenths) => ({ valueDecimal: tenths / 10 }))
      case 'quantity':
        return fc.integer({ min: 1, max: 2_500 }).map((tenths) => ({ valueQuantity: { value: tenths / 10 } }))
      case 'date':
        return fc
          .date({ min: new Date('1920-01-01'), max: new Date('2026-03-01'), noInvalidDate: true })
          .map((date) => ({ valueDate: date.toISOString().slice(0, 10) }))
      default:
        return fc.string({ minLength: 1, maxLength: 8 }).map((valueString) => ({ valueString }))
    }
  }
  return fc.option(given(), { nil: undefined, freq: 9 }).map((answer) => (answer ? [answer] : undefined))
}

function itemsOf(items: readonly QuestionnaireItem[]): fc.Arbitrary<QuestionnaireResponseItem[]> {
  return fc
    .tuple(
      ...items.map((item): fc.Arbitrary<QuestionnaireResponseItem | undefined> => {
        if (calculationOf(item) !== undefined || item.type === 'display') return fc.constant(undefined)
        if (item.type === 'group')
          return itemsOf(item.item ?? []).map((item_) => ({ linkId: item.linkId, item: item_ }))
        return answerTo(item).map((answer) => (answer ? { linkId: item.linkId, answer } : undefined))
      }),
    )
    .map((list) => list.filter((item) => item !== undefined))
}

const flat = (items: readonly QuestionnaireItem[], above: readonly string[] = []): [string[], QuestionnaireItem][] =>
  items.flatMap((item) => [
    [[...above, item.linkId], item] as [string[], QuestionnaireItem],
    ...flat(item.item ?? [], [...above, item.linkId]),
  ])

const plain = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null)
    return typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value
  return 'code' in value ? value.code : String(value)
}

/** Answers of the calculated items, by linkId, as they stand in a response. */
function calculated(items: readonly QuestionnaireResponseItem[], wanted: ReadonlySet<string>): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const item of items) {
    const [answer] = item.answer ?? []
    if (wanted.has(item.linkId) && answer) found[item.linkId] = plain(Object.values(answer)[0])
    Object.assign(found, calculated(item.item ?? [], wanted))
  }
  return found
}

/** Puts the other implementation's values in until nothing changes; a coded item gets its option's coding. */
function theirs(questionnaire: Questionnaire, response: QuestionnaireResponse): Record<string, unknown> {
  const all = flat(questionnaire.item ?? []).filter(([, item]) => calculationOf(item) !== undefined)
  const values: Record<string, unknown> = {}
  for (let round = 0; round < 4; round += 1)
    for (const [path, item] of all) {
      const [value] = fhirpath.evaluate(
        response,
        calculationOf(item) ?? '',
        { resource: response, questionnaire },
        r4,
      ) as unknown[]
      if (value === undefined) continue
      values[item.linkId] = plain(value)
      put(response, path, item, value)
    }
  return values
}

function put(response: QuestionnaireResponse, path: readonly string[], item: QuestionnaireItem, value: unknown): void {
  let items = (response.item ??= [])
  for (const linkId of path.slice(0, -1)) {
    let group = items.find((one) => one.linkId === linkId)
    if (!group) items.push((group = { linkId }))
    items = group.item ??= []
  }
  const answer =
    item.type === 'choice'
      ? { valueCoding: item.answerOption?.find(({ valueCoding }) => valueCoding?.code === value)?.valueCoding ?? {} }
      : { [`value${item.type.charAt(0).toUpperCase()}${item.type.slice(1)}`]: value }
  const there = items.find((one) => one.linkId === item.linkId)
  if (there) there.answer = [answer]
  else items.push({ linkId: item.linkId, answer: [answer] })
}

test.each(forms.filter(([, form]) => flat(form.item ?? []).some(([, item]) => calculationOf(item) !== undefined)))(
  'whatever is answered in %s, what it calculates is what another implementation calculates',
  (_name, questionnaire) => {
    const wanted = new Set(
      flat(questionnaire.item ?? []).flatMap(([, item]) => (calculationOf(item) === undefined ? [] : [item.linkId])),
    )
    const { form } = readForm(questionnaire)
    const seen = new Set<string>()
    fc.assert(
      fc.property(itemsOf(questionnaire.item ?? []), (item) => {
        const response = { resourceType: 'QuestionnaireResponse', status: 'completed', item } as const
        const filled = fill(form, readSheet(form, response).sheet, context)
        const ours = calculated(filled.items, wanted)
        // What is not asked does not count: the other one is given what stands on the sheet.
        const rest = JSON.parse(
          JSON.stringify({ ...response, item: without(filled.items, wanted) }),
        ) as QuestionnaireResponse
        expect(theirs(questionnaire, rest)).toEqual(ours)
        for (const linkId of Object.keys(ours)) seen.add(linkId)
      }),
      { numRuns: 60, seed: 4 },
    )
    expect(seen).toEqual(wanted)
  },
)

const without = (
  items: readonly QuestionnaireResponseItem[],
  wanted: ReadonlySet<string>,
): QuestionnaireResponseItem[] =>
  items
    .filter((item) => !wanted.has(item.linkId))
    .map((item) => (item.item ? { ...item, item: without(item.item, wanted) } : item))
