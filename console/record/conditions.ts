import type { CapabilityStatementRestResourceSearchParam } from '@medplum/fhirtypes'

export type ParameterKind = CapabilityStatementRestResourceSearchParam['type']

/** One line of the search builder. */
export interface Condition {
  parameter: string
  /** `exact`, `not` …; empty for none. */
  modifier: string
  /** `ge`, `lt` …, of dates, numbers and quantities; empty for equality. */
  prefix: string
  value: string
}

/** What somebody searches for. It is kept with the page's place in the browser's history, never in the address. */
export interface RecordSearch {
  /** The account that searched: nobody else who goes back to this page sees it. */
  by: string
  type: string
  conditions: readonly Condition[]
}

declare module '@tanstack/history' {
  interface HistoryState {
    recordSearch?: RecordSearch
  }
}

const comparing: readonly string[] = ['', 'ne', 'gt', 'ge', 'lt', 'le', 'sa', 'eb', 'ap']
export const prefixesOf = (kind: ParameterKind): readonly string[] =>
  kind === 'date' || kind === 'number' || kind === 'quantity' ? comparing : []

const modifiers: Readonly<Partial<Record<ParameterKind, readonly string[]>>> = {
  string: ['', 'exact', 'contains', 'missing'],
  token: ['', 'not', 'text', 'in', 'not-in', 'above', 'below', 'of-type', 'missing'],
  reference: ['', 'identifier', 'not', 'missing'],
  uri: ['', 'above', 'below', 'missing'],
}
export const modifiersOf = (kind: ParameterKind): readonly string[] => modifiers[kind] ?? ['', 'missing']

export const emptyCondition = (parameter: string): Condition => ({ parameter, modifier: '', prefix: '', value: '' })

/** A condition whose kind has changed keeps what still fits. */
export function fit(condition: Condition, kind: ParameterKind): Condition {
  const modifier = modifiersOf(kind).includes(condition.modifier) ? condition.modifier : ''
  const prefix = modifier === '' && prefixesOf(kind).includes(condition.prefix) ? condition.prefix : ''
  return { ...condition, modifier, prefix }
}

/** The search as a form; conditions without a value are left out. `sort` as FHIR writes it: `-date`. */
export function formOf(conditions: readonly Condition[], sort: string | undefined): URLSearchParams {
  const form = new URLSearchParams()
  for (const { parameter, modifier, prefix, value } of conditions) {
    const text = value.trim()
    if (text !== '') form.append(modifier === '' ? parameter : `${parameter}:${modifier}`, `${prefix}${text}`)
  }
  form.append('_sort', sort ?? '-_lastUpdated')
  form.append('_count', '50')
  form.append('_total', 'accurate')
  return form
}
