import type { Extension, Questionnaire, QuestionnaireItem, QuestionnaireItemAnswerOption } from '@medplum/fhirtypes'
import { bothOf, extensionOf, type Localized, urls, withText } from '../../src/forms/index.ts'

/** Where an item stands: its place among its siblings, from the top down. */
export type Spot = readonly number[]

export const sameSpot = (a: Spot | undefined, b: Spot): boolean => a !== undefined && a.join('.') === b.join('.')

export function itemAt(form: Questionnaire, spot: Spot): QuestionnaireItem | undefined {
  let items = form.item
  let found: QuestionnaireItem | undefined
  for (const place of spot) {
    found = items?.[place]
    items = found?.item
  }
  return found
}

type Siblings = readonly QuestionnaireItem[]

/** The form with the siblings of a spot changed. */
function amongSiblings(form: Questionnaire, above: Spot, change: (items: Siblings) => Siblings): Questionnaire {
  const into = (items: Siblings, rest: Spot): Siblings => {
    const [place, ...further] = rest
    if (place === undefined) return change(items)
    return items.map((one, index) => (index === place ? withItems(one, into(one.item ?? [], further)) : one))
  }
  return withItems(form, into(form.item ?? [], above))
}

function withItems<T extends { item?: QuestionnaireItem[] }>(element: T, items: Siblings): T {
  const { item: _item, ...rest } = element
  return (items.length === 0 ? rest : { ...rest, item: [...items] }) as T
}

export const replaceItem = (form: Questionnaire, spot: Spot, item: QuestionnaireItem): Questionnaire =>
  amongSiblings(form, spot.slice(0, -1), (items) => items.map((one, index) => (index === spot.at(-1) ? item : one)))

export const removeItem = (form: Questionnaire, spot: Spot): Questionnaire =>
  amongSiblings(form, spot.slice(0, -1), (items) => items.filter((_one, index) => index !== spot.at(-1)))

function insertItem(form: Questionnaire, spot: Spot, item: QuestionnaireItem): Questionnaire {
  const place = spot.at(-1) ?? 0
  return amongSiblings(form, spot.slice(0, -1), (items) => [...items.slice(0, place), item, ...items.slice(place)])
}

/** A new item after the given one, or the first of a group, or the last of all. */
export function addItem(form: Questionnaire, after: Spot | undefined): { form: Questionnaire; spot: Spot } {
  const item: QuestionnaireItem = { linkId: freshId(form), type: 'string' }
  const at = after && itemAt(form, after)
  const spot =
    !after || !at
      ? [form.item?.length ?? 0]
      : at.type === 'group'
        ? [...after, at.item?.length ?? 0]
        : [...after.slice(0, -1), (after.at(-1) ?? 0) + 1]
  return { form: insertItem(form, spot, item), spot }
}

function freshId(form: Questionnaire): string {
  const taken = new Set<string>()
  const look = (items: Siblings) => {
    for (const one of items) {
      taken.add(one.linkId)
      look(one.item ?? [])
    }
  }
  look(form.item ?? [])
  let number = taken.size + 1
  while (taken.has(`q${number}`)) number += 1
  return `q${number}`
}

export type Move = 'up' | 'down' | 'in' | 'out'

/** Moves an item among its siblings, into the group before it, or out of its group; undefined where it cannot go. */
export function moveItem(form: Questionnaire, spot: Spot, move: Move): { form: Questionnaire; spot: Spot } | undefined {
  const item = itemAt(form, spot)
  const above = spot.slice(0, -1)
  const place = spot.at(-1) ?? 0
  if (!item) return undefined
  if (move === 'out') {
    if (above.length === 0) return undefined
    const to = [...above.slice(0, -1), (above.at(-1) ?? 0) + 1]
    return { form: insertItem(removeItem(form, spot), to, item), spot: to }
  }
  if (move === 'in') {
    const group = place > 0 ? itemAt(form, [...above, place - 1]) : undefined
    if (group?.type !== 'group') return undefined
    const to = [...above, place - 1, group.item?.length ?? 0]
    return { form: insertItem(removeItem(form, spot), to, item), spot: to }
  }
  const to = [...above, move === 'up' ? place - 1 : place + 1]
  if (place === 0 && move === 'up') return undefined
  if (move === 'down' && !itemAt(form, to)) return undefined
  return { form: insertItem(removeItem(form, spot), to, item), spot: to }
}

/** All items in order, each with its spot. */
export function outlineOf(form: Questionnaire): { spot: Spot; item: QuestionnaireItem }[] {
  const list = (items: Siblings, above: Spot): { spot: Spot; item: QuestionnaireItem }[] =>
    items.flatMap((item, index) => [{ spot: [...above, index], item }, ...list(item.item ?? [], [...above, index])])
  return list(form.item ?? [], [])
}

/** The item with another name, and every condition that asks about it with it. Expressions are the author's to change. */
export function renameItem(form: Questionnaire, spot: Spot, linkId: string): Questionnaire {
  const before = itemAt(form, spot)?.linkId
  const into = (items: Siblings): QuestionnaireItem[] =>
    items.map((one) => ({
      ...one,
      ...(one.enableWhen
        ? {
            enableWhen: one.enableWhen.map((when) => (when.question === before ? { ...when, question: linkId } : when)),
          }
        : {}),
      ...(one.item ? { item: into(one.item) } : {}),
    }))
  const renamed = { ...form, item: into(form.item ?? []) }
  const item = itemAt(renamed, spot)
  return item ? replaceItem(renamed, spot, { ...item, linkId }) : form
}

export const textsOf = (element: object, name: string): Localized => bothOf(element, name, 'en')
export const setTexts = <T extends object>(element: T, name: string, text: Localized): T =>
  withText(element, name, text, 'en')

/** The element without an extension, or with this one in its place. */
export function setExtension<T extends { extension?: Extension[] }>(
  element: T,
  url: string,
  value: Omit<Extension, 'url'> | undefined,
): T {
  const { extension, ...rest } = element
  const kept = (extension ?? []).filter((one) => one.url !== url)
  const next = value ? [...kept, { url, ...value }] : kept
  return (next.length === 0 ? rest : { ...rest, extension: next }) as T
}

export const expressionOf = (item: QuestionnaireItem, url: string): string =>
  extensionOf(item, url)?.valueExpression?.expression ?? ''
export const setExpression = (item: QuestionnaireItem, url: string, expression: string): QuestionnaireItem =>
  setExtension(
    item,
    url,
    expression === '' ? undefined : { valueExpression: { language: 'text/fhirpath', expression } },
  )

export const scoreOf = (option: QuestionnaireItemAnswerOption): number | undefined =>
  (
    extensionOf(option.valueCoding, urls.ordinalValue) ??
    extensionOf(option.valueCoding, urls.itemWeight) ??
    extensionOf(option, urls.itemWeight)
  )?.valueDecimal

export function setScore(
  option: QuestionnaireItemAnswerOption,
  score: number | undefined,
): QuestionnaireItemAnswerOption {
  const coding = setExtension(option.valueCoding ?? {}, urls.itemWeight, undefined)
  return {
    ...setExtension(option, urls.itemWeight, undefined),
    valueCoding: setExtension(coding, urls.ordinalValue, score === undefined ? undefined : { valueDecimal: score }),
  }
}

/** A code made of a text: `Several days` → `several-days`. */
export const codeFor = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40)
