import type { Resource } from '@medplum/fhirtypes'
import type { RecordedScenario } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { sightings, versionsOf } from '../fhir/index.ts'
import { readLog } from '../journeys/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { citedBy, type JourneyState, recordScenario } from '../pathways/index.ts'
import type { DeskDependencies } from './desk.ts'
import { refuse } from './errors.ts'

/** A scenario out of a journey; of what the caller may not see of the patient's record it makes nothing. */
export async function scenarioOfJourney(
  tx: Tx,
  { pathways, library, sight }: DeskDependencies,
  context: CallContext,
  id: string,
): Promise<{ scenario: RecordedScenario; subject: string }> {
  const [row] = await tx.query<{ pathway: string; version: number; state: string }>({
    text: 'select pathway, version, state from journey where tenant_id = $1 and id = $2',
    values: [tx.tenant, id],
  })
  if (!row) throw refuse('journey-not-found', { faults: [{ path: 'id', message: 'no journey has this id' }] })
  const state: JourneyState = JSON.parse(row.state)
  const log = await readLog(tx, id)
  const found = await versionsOf(tx, citedBy(log))
  const seen = await seenOf(tx, await sight(tx, context), [...new Set(found.map((one) => `${one.type}/${one.id}`))])
  const resources = new Map(
    found.flatMap(({ type, id: name, version, content }): [string, Resource][] =>
      content === null || !seen(`${type}/${name}`) ? [] : [[`${type}/${name}/${version}`, JSON.parse(content)]],
    ),
  )
  const name = `recorded-${row.pathway}-${row.version}`
  const pathway = await pathways.version(tx, row.pathway, row.version)
  const made = recordScenario(
    { pathway, log, state, resources },
    { name, calendar: library.calendar, table: pathways.surroundings.table },
  )
  return { scenario: { name, ...made }, subject: state.subject }
}

async function seenOf(
  tx: Tx,
  sight: Awaited<ReturnType<DeskDependencies['sight']>>,
  references: readonly string[],
): Promise<(reference: string) => boolean> {
  if (!sight || references.length === 0) return () => true
  const seen = await sightings(tx, sight, 'read', references)
  return (reference) => seen.get(reference) === true
}
