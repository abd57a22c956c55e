import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { type Library, type Localized, parse, type Picture, pictureOf, scenariosOf } from '../../pathways/index.ts'
import { refuse } from '../errors.ts'
import { beginNew } from './begin-draft.ts'
import type { DraftRow } from './draft-store.ts'

export interface Offered {
  id: string
  title: Localized
  description: Localized | null
  graph: Picture
  scenarios: number
  takenUp: boolean
}

const entriesOf = (library: Library) =>
  [...library.catalogue, ...library.pathways].flatMap(({ source }) => {
    const { definition } = parse(source)
    return definition ? [{ definition, source }] : []
  })

/** What the library offers, and what of it is here already. */
export async function listCatalogue(tx: Tx, library: Library): Promise<Offered[]> {
  const rows = await tx.query<{ pathway: string }>({
    text: `select pathway from pathway_version where tenant_id = $1
           union select pathway from pathway_draft where tenant_id = $1 and status in ('draft', 'in-review', 'approved')`,
    values: [tx.tenant],
  })
  const here = new Set(rows.map((row) => row.pathway))
  return entriesOf(library).map(({ definition }) => ({
    id: definition.pathway,
    title: definition.title,
    description: definition.description ?? null,
    graph: pictureOf(definition),
    scenarios: scenariosOf(library, definition.pathway).length,
    takenUp: here.has(definition.pathway),
  }))
}

/** Takes a pathway of the library up as a draft, with its scenarios and the messages that it sends. */
export async function beginFromCatalogue(
  tx: Tx,
  context: CallContext,
  library: Library,
  pathway: string,
): Promise<DraftRow> {
  const entry = entriesOf(library).find(({ definition }) => definition.pathway === pathway)
  if (!entry)
    throw refuse('pathway-not-found', {
      faults: [{ path: 'catalogue', message: `the catalogue has no pathway ${pathway}` }],
    })
  return beginNew(tx, context, {
    source: entry.source,
    templates: [],
    scenarios: scenariosOf(library, pathway),
  })
}
