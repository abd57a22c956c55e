import type { Observation } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { type Answer, bundleText } from './answer.ts'
import { refuse } from './errors.ts'
import { shown, sightOf } from './guard.ts'
import { patientsOf, type RecordDeps } from './interact.ts'
import type { OperationCall } from './operations.ts'
import { parametersOf, readCount } from './parameters.ts'
import { parseSearch } from './parse-search.ts'
import { optionsOf } from './search-bundle.ts'
import { runSearch } from './search.ts'

const pageSize = 500
const mostOfEach = 100

/** Observations belong together when any coding is the same; without codings, by their text. */
function groupsOf({ code }: Observation): string[] {
  const codings = (code.coding ?? []).map(({ system, code: value }) => `${system ?? ''}|${value ?? ''}`)
  return codings.length > 0 ? codings : [`text ${code.text ?? ''}`]
}

/**
 * `Observation/$lastn` (FHIR R4): of each code the latest `max` (1 unless told), newest first. Takes every search parameter
 * of Observation; a patient or subject is required. Reads the matches a page at a time and keeps only what it answers.
 */
export async function lastN(deps: RecordDeps, tx: Tx, call: OperationCall): Promise<Answer> {
  const query = parametersOf(call.query, call.body)
  const max = readCount(query, 'max', 1, mostOfEach)
  for (const name of ['max', '_sort', '_count', '_cursor', '_total', '_include', '_revinclude']) query.delete(name)
  if (!['patient', 'subject', 'patient:identifier', 'subject:identifier'].some((name) => query.has(name)))
    throw refuse('operation-invalid', { faults: [{ path: 'patient', message: 'or subject is required' }] })
  query.set('_sort', '-date')
  query.set('_count', String(pageSize))
  const kept: { id: string; content: string }[] = []
  const counts = new Map<string, number>()
  const now = call.context.clock.now()
  const sight = await sightOf(deps, tx, call.context)
  for (let cursor: string | undefined; ; ) {
    if (cursor !== undefined) query.set('_cursor', cursor)
    const plan = parseSearch('Observation', query)
    if (plan.unknown.length > 0)
      throw refuse('search-parameter-unknown', {
        faults: plan.unknown.map((path) => ({ path, message: 'is not a search parameter of Observation' })),
      })
    const page = await runSearch(tx, plan, now, optionsOf(deps, sight))
    for (const match of page.matches) {
      const groups = groupsOf(JSON.parse(match.content) as Observation)
      const had = Math.max(...groups.map((group) => counts.get(group) ?? 0))
      if (had >= max) continue
      for (const group of groups) counts.set(group, had + 1)
      kept.push(match)
    }
    if (page.next === undefined) break
    cursor = page.next
  }
  await deps.audit(tx, call.context, {
    action: 'E',
    interaction: 'lastn',
    entities: kept.map(({ id }) => `Observation/${id}`),
    ...patientsOf(kept.map(({ content }) => content)),
    query: `Observation?${query}`,
  })
  const entries = kept.map(
    ({ id, content }) =>
      `{"fullUrl":${JSON.stringify(`${call.base}/Observation/${id}`)},"resource":${shown(sight, 'Observation', content)},"search":{"mode":"match"}}`,
  )
  return { status: 200, content: bundleText('searchset', { total: kept.length, entries }) }
}
