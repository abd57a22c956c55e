import type { Tx } from '../db/index.ts'
import type { RecordChange } from '../fhir/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { type CompiledPathway, zoneOf } from '../pathways/index.ts'
import { Batch, ownerOf, startersOf, startsOf } from './batch.ts'
import { clinicsOf } from './clinics.ts'
import type { BatchDependencies } from './move-batch.ts'
import { liveVersions } from './published-pathways.ts'
import { type HeldJourney, lastEntries, loadJourneys } from './store.ts'

/** Loads all that these changes and these journeys' events may need: the journeys, their families, and the versions they are on. */
export async function loadBatch(
  tx: Tx,
  context: CallContext,
  { pathways, calendar, record }: BatchDependencies,
  {
    changes,
    journeys,
    versions: needed = [],
  }: {
    changes: readonly RecordChange[]
    journeys: readonly string[]
    /** Versions that journeys may come to be on. */
    versions?: readonly { pathway: string; version: number }[]
  },
): Promise<Batch> {
  const live = await pathways.live(tx)
  const heard = await pathways.heard(tx, live)
  const subjects = [...new Set(changes.flatMap((one) => (heard.has(one.resourceType) ? [one.subject] : [])))]
  const owners = changes.flatMap((one) => (heard.has(one.resourceType) ? [] : ownerOf(one)))
  const held = await loadJourneys(tx, subjects, [...new Set([...owners, ...journeys])])

  const versions = new Map<string, CompiledPathway>()
  const know = async (id: string, version: number): Promise<void> => {
    const key = `${id} ${version}`
    if (versions.has(key)) return
    const pathway = await pathways.version(tx, id, version)
    versions.set(key, pathway)
    for (const { step } of Object.values(pathway.steps))
      if (step.start) await know(step.start.pathway, step.start.version)
  }
  await loadFamilies(tx, held, async (one) => {
    await know(one.pathway, one.version)
    return versions.get(`${one.pathway} ${one.version}`)
  })
  for (const one of liveVersions(live)) await know(one.id, one.version)
  for (const one of needed) await know(one.pathway, one.version)

  const starters = startersOf(live)
  const beginning = live.some((one) => one.clinics.size > 0)
    ? changes.filter((change) => starters.has(change.resourceType))
    : []
  const clinics = await clinicsOf(tx, record, beginning)
  const keys = changes.flatMap((change) =>
    startsOf(change, { live, clinics }, starters).map(({ pathway, key }) => ({ pathway: pathway.id, key })),
  )
  const followsPatients = [...versions.values()].some((pathway) => pathway.definition.zone === 'patient')
  const batch = new Batch(context, calendar, {
    live,
    clinics,
    heard,
    version(id, version) {
      const pathway = versions.get(`${id} ${version}`)
      if (!pathway) throw new RangeError(`${id} version ${version} was not loaded`)
      return pathway
    },
    last: await lastEntries(tx, keys),
    zones: followsPatients
      ? await zonesOf(tx, record, [...subjects, ...held.map((one) => one.state.subject)])
      : new Map(),
  })
  for (const one of held) batch.hold(one)
  return batch
}

/** Adds the journeys that those held began, and those that began them: what ends one may move the other. */
async function loadFamilies(
  tx: Tx,
  held: HeldJourney[],
  versionOf: (one: HeldJourney) => Promise<CompiledPathway | undefined>,
): Promise<void> {
  const known = new Set(held.map((one) => one.id))
  for (let fresh: readonly HeldJourney[] = held; fresh.length > 0; ) {
    const missing = new Set<string>()
    for (const one of fresh) {
      const steps = (await versionOf(one))?.steps
      if (one.state.parent !== undefined) missing.add(one.state.parent)
      for (const name in one.state.open) {
        // A `start` step's effect key is the id of the journey it began.
        const key = steps?.[name]?.kind === 'start' ? one.state.open[name]?.key : undefined
        if (key !== undefined) missing.add(key)
      }
    }
    const wanted = [...missing].filter((id) => !known.has(id))
    fresh = wanted.length > 0 ? await loadJourneys(tx, [], wanted) : []
    for (const id of wanted) known.add(id)
    held.push(...fresh)
  }
}

async function zonesOf(
  tx: Tx,
  record: BatchDependencies['record'],
  subjects: readonly string[],
): Promise<Map<string, string>> {
  const patients = await record.readMany(tx, [...new Set(subjects)])
  return new Map(
    [...patients].flatMap(([subject, patient]) => {
      const zone = patient.resourceType === 'Patient' ? zoneOf(patient) : undefined
      return zone === undefined ? [] : [[subject, zone] as const]
    }),
  )
}
