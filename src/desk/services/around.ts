import type { Tx } from '../../db/index.ts'
import { liveVersions } from '../../journeys/index.ts'
import { parse } from '../../pathways/index.ts'
import type { Around } from '../../scheduling/index.ts'
import { anybodyMay } from '../../work/index.ts'
import type { DeskDependencies } from '../desk.ts'
import { formsToName } from '../forms/canonical.ts'

type Needed = Pick<DeskDependencies, 'record' | 'pathways' | 'library' | 'routing'>
interface Named {
  id: string
  title: { en: string; fr: string }
}

/** What a service may name, as of a moment: the house's kinds and places of law, its pathways and forms, Locations of the record. */
export async function serviceAround(
  tx: Tx,
  { record, pathways, library, routing: { ontology } }: Needed,
  at: number,
): Promise<Around & { named: { pathways: Named[]; places: { id: string; name: string }[] } }> {
  const live = liveVersions(await pathways.live(tx)).map(({ definition }) => definition)
  const offered = [...library.pathways, ...library.catalogue].flatMap(({ source }) => parse(source).definition ?? [])
  // What the library offers may be named before it is taken up.
  const all = new Map([...offered, ...live].map((one) => [one.pathway, one.title]))
  const { resources } = await record.search(tx, 'Location', new URLSearchParams({ _count: '200' }))
  const places = resources.flatMap((one) =>
    one.resourceType === 'Location' && one.id !== undefined ? [{ id: one.id, name: one.name ?? one.id }] : [],
  )
  return {
    kinds: ontology.kinds.map(({ id }) => id),
    jurisdictions: ontology.places.map(({ id }) => id),
    pathways: [...all.keys()],
    forms: await formsToName(tx, record),
    places: places.map(({ id }) => id),
    anybodyMay: (kind, jurisdiction) => anybodyMay(ontology, { kind, jurisdiction }, at),
    named: {
      pathways: [...all].map(([id, title]) => ({ id, title })),
      places,
    },
  }
}
