import type { QuestionnaireResponse, QuestionnaireResponseItem } from '@medplum/fhirtypes'
import type { Form, FormItem } from './form.ts'
import { type Answer, fitsType, valueOf } from './values.ts'

/**
 * A form while it is filled in: one node for each item, whether it is asked now or not, in the form's order. A group has
 * one row, or as many as it was given if it repeats; a question has a row of what is asked below each of its answers.
 * Plain data that is never changed: each edit gives a new sheet.
 */
export type Sheet = readonly SheetNode[]
export interface SheetNode {
  linkId: string
  answers: readonly Answer[]
  rows: readonly Sheet[]
}

/** Where a response does not have the shape of its form. `path` is FHIRPath. */
export interface ShapeFault {
  code: 'item-unknown' | 'item-twice' | 'group-answered' | 'answer-type' | 'answer-empty'
  path: string
  linkId: string
}

export const emptySheet = (items: readonly FormItem[]): Sheet =>
  items.map((item) => ({
    linkId: item.linkId,
    answers: [],
    rows: item.items.length === 0 ? [] : [emptySheet(item.items)],
  }))

/** A response laid out along its form. What does not fit is left out and told. */
export function readSheet(form: Form, response: QuestionnaireResponse): { sheet: Sheet; faults: ShapeFault[] } {
  const faults: ShapeFault[] = []
  const sheet = readItems(form.items, response.item ?? [], 'QuestionnaireResponse', faults)
  return { sheet, faults }
}

export const pathOf = (parent: string, linkId: string): string => `${parent}.item.where(linkId='${linkId}')`

function readItems(
  items: readonly FormItem[],
  given: readonly QuestionnaireResponseItem[],
  path: string,
  faults: ShapeFault[],
): Sheet {
  const known = new Set(items.map((item) => item.linkId))
  for (const one of given)
    if (!known.has(one.linkId))
      faults.push({ code: 'item-unknown', path: pathOf(path, one.linkId), linkId: one.linkId })
  return items.map((item) => {
    const own = given.filter((one) => one.linkId === item.linkId)
    const at = pathOf(path, item.linkId)
    const { linkId } = item
    if (own.length > 1 && !(item.type === 'group' && item.repeats))
      faults.push({ code: 'item-twice', path: at, linkId })
    if (item.type === 'group') {
      if (own.some((one) => one.answer)) faults.push({ code: 'group-answered', path: at, linkId })
      const rows = (own.length === 0 ? [undefined] : own).map((one, index) =>
        readItems(item.items, one?.item ?? [], own.length > 1 ? `${at}[${index}]` : at, faults),
      )
      return { linkId, answers: [], rows: item.items.length === 0 ? [] : rows }
    }
    return readQuestion(item, own[0], at, faults)
  })
}

function readQuestion(
  item: FormItem,
  given: QuestionnaireResponseItem | undefined,
  path: string,
  faults: ShapeFault[],
): SheetNode {
  const { linkId } = item
  const answers: Answer[] = []
  const rows: Sheet[] = []
  for (const [index, { item: below, ...answer }] of (given?.answer ?? []).entries()) {
    const at = `${path}.answer[${index}]`
    const empty = valueOf(answer) === undefined
    if (item.type === 'display') faults.push({ code: 'group-answered', path: at, linkId })
    else if (empty && !below) faults.push({ code: 'answer-empty', path: at, linkId })
    else if (!empty && !fitsType(item.source, answer)) faults.push({ code: 'answer-type', path: at, linkId })
    else {
      if (!empty) answers.push(answer)
      if (item.items.length > 0) rows.push(readItems(item.items, below ?? [], at, faults))
    }
  }
  return { linkId, answers, rows: rows.length > 0 || item.items.length === 0 ? rows : [emptySheet(item.items)] }
}

/** The key of a node: its place among its siblings, and the rows above it, `2` or `0/1:3`. Stable while rows stay. */
export const keyOf = (above: string, row: number, place: number): string =>
  above === '' ? String(place) : `${above}/${row}:${place}`

type Change = (node: SheetNode) => SheetNode

function changed(sheet: Sheet, key: string, change: Change): Sheet {
  const [first = '', ...rest] = key.split('/')
  const place = Number(first)
  return sheet.map((node, index) => (index === place ? below(node, rest, change) : node))
}

function below(node: SheetNode, rest: readonly string[], change: Change): SheetNode {
  const [next, ...further] = rest
  if (next === undefined) return change(node)
  const [row, place] = next.split(':').map(Number)
  return {
    ...node,
    rows: node.rows.map((one, index) =>
      index === row ? one.map((inner, at) => (at === place ? below(inner, further, change) : inner)) : one,
    ),
  }
}

/** The sheet with these answers to one question. What is asked below an answer stays with it. */
export const withAnswers = (sheet: Sheet, key: string, answers: readonly Answer[]): Sheet =>
  changed(sheet, key, (node) => {
    const [first] = node.rows
    const rows = first === undefined ? [] : answers.map((_, index) => node.rows[index] ?? cleared(first))
    return { ...node, answers, rows: rows.length === 0 && first !== undefined ? [first] : rows }
  })

/** The sheet with one more row of a group that repeats. */
export const withRow = (sheet: Sheet, key: string): Sheet =>
  changed(sheet, key, (node) => (node.rows[0] ? { ...node, rows: [...node.rows, cleared(node.rows[0])] } : node))

/** The sheet without a row of a group; its last row is emptied instead. */
export const withoutRow = (sheet: Sheet, key: string, row: number): Sheet =>
  changed(sheet, key, (node) => {
    const [only] = node.rows
    if (node.rows.length > 1 || !only) return { ...node, rows: node.rows.filter((_, index) => index !== row) }
    return { ...node, rows: [cleared(only)] }
  })

const cleared = (sheet: Sheet): Sheet =>
  sheet.map((node) => ({ ...node, answers: [], rows: node.rows.slice(0, 1).map(cleared) }))
