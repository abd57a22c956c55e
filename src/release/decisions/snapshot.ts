import { createHash } from 'node:crypto'
import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { VariableType, VariableValue } from '../../expressions/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import type { AskedEffect } from '../../journeys/index.ts'
import type { CompiledAutomation, CompiledInput, Values } from '../automation/compile.ts'
import type { Case } from '../scope.ts'

/** One input as it was when the question was asked: its value, the resource it came from, and when that was written. */
export interface SnapshotInput {
  value: VariableValue
  from: string
  /** ISO 8601; null where nothing was there to read. */
  at: string | null
}
export type Snapshot = Readonly<Record<string, SnapshotInput>>

export const valuesOf = (snapshot: Snapshot): Values =>
  Object.fromEntries(Object.entries(snapshot).map(([name, { value }]) => [name, value]))

/** SHA-256 over names and values in order of the names: the same inputs have the same hash, on every machine. */
export const hashOf = (snapshot: Snapshot): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(valuesOf(snapshot)).sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex')

const writtenAt = (resource: Resource | undefined): string | null => resource?.meta?.lastUpdated ?? null

/** Takes down what an automation goes by, in the transaction in which the step asks. */
export async function takeSnapshot(
  tx: Tx,
  record: FhirRecord,
  automation: CompiledAutomation,
  asked: { state: AskedEffect['state']; step: string; now: number; known: ReadonlyMap<string, Resource> },
): Promise<{ inputs: Snapshot; circumstances: Case }> {
  const { state, now, known } = asked
  const inputs: Record<string, SnapshotInput> = {}
  for (const input of automation.inputs) inputs[input.name] = await readInput(tx, record, input, asked)
  const trigger = known.get(state.trigger)
  const on = automation.definition.place?.on
  const place = (name: 'site' | 'department' | 'group'): string | undefined => {
    const path = automation.place[name]
    const value = path && trigger?.resourceType === on && trigger ? path(trigger, {}) : null
    return typeof value === 'string' ? value : undefined
  }
  const [site, department, providerGroup] = [place('site'), place('department'), place('group')]
  return {
    inputs,
    circumstances: {
      ...(site === undefined ? {} : { site }),
      ...(department === undefined ? {} : { department }),
      ...(providerGroup === undefined ? {} : { providerGroup }),
      step: asked.step,
      acuity: state.priority,
      at: now,
    },
  }
}

async function readInput(
  tx: Tx,
  record: FhirRecord,
  { spec, value, holds }: CompiledInput,
  { state, now, known }: { state: AskedEffect['state']; now: number; known: ReadonlyMap<string, Resource> },
): Promise<SnapshotInput> {
  if ('variable' in spec)
    return {
      value: state.variables[spec.variable]?.value ?? null,
      from: spec.variable,
      at: new Date(state.at).toISOString(),
    }
  if ('count' in spec) {
    const of = await patientsResources(tx, record, spec.count, state.subject)
    const counted = of.filter((one) => holds?.(one) === true)
    const latest = counted.map((one) => writtenAt(one) ?? '').sort()
    return { value: counted.length, from: `${spec.count}?patient=${state.subject}`, at: latest.at(-1) ?? null }
  }
  const resource = [known.get(state.trigger), known.get(state.subject)].find((one) => one?.resourceType === spec.on)
  const read = resource && value ? value(resource, {}) : null
  const from = resource ? `${resource.resourceType}/${resource.id}` : spec.on
  const since = spec.as === 'years' ? yearsSince(read, now) : spec.as === 'days' ? daysSince(read, now) : read
  return { value: typed(since, spec.type), from, at: writtenAt(resource) }
}

/** A patient's resources of a type, page by page. */
async function patientsResources(tx: Tx, record: FhirRecord, type: string, patient: string): Promise<Resource[]> {
  const all: Resource[] = []
  for (let cursor: string | undefined; ; ) {
    const query = new URLSearchParams({ patient, _count: '200', ...(cursor === undefined ? {} : { _cursor: cursor }) })
    const { resources, next } = await record.search(tx, type, query)
    all.push(...resources)
    if (next === undefined) return all
    cursor = next
  }
}

/** Whole years from a date (`YYYY`, `YYYY-MM`, `YYYY-MM-DD` …) until a moment, by the calendar of UTC. */
export function yearsSince(value: VariableValue, now: number): number | null {
  const [, year, month = '01', day = '01'] = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?/.exec(String(value ?? '')) ?? []
  if (year === undefined) return null
  const today = new Date(now)
  const had = [today.getUTCMonth() + 1 - Number(month), today.getUTCDate() - Number(day)]
  const before = (had[0] ?? 0) < 0 || (had[0] === 0 && (had[1] ?? 0) < 0)
  return today.getUTCFullYear() - Number(year) - (before ? 1 : 0)
}

/** Whole days from a date or time until a moment. */
function daysSince(value: VariableValue, now: number): number | null {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? null : Math.floor((now - at) / 86_400_000)
}

/** A value as its declared type; one that is of another type counts as not there. */
function typed(value: VariableValue, type: VariableType): VariableValue {
  if (value === null) return null
  switch (type) {
    case 'bool':
      return typeof value === 'boolean' ? value : null
    case 'int':
      return typeof value === 'number' && Number.isInteger(value) ? value : null
    case 'double':
      return typeof value === 'number' ? value : null
    case 'string':
      return String(value)
  }
}
