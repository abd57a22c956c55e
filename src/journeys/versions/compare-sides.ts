import type { Comparison } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { compareDefinitions, parse, type Role } from '../../pathways/index.ts'
import { faultsOf } from '../published-pathways.ts'
import { refuse } from '../errors.ts'
import { readVersion } from './begin-draft.ts'
import { readDraft } from './draft-store.ts'
import type { Content } from './put-live.ts'

/** Compares two texts of a pathway, each a version by its number or a draft by its id. */
export async function compareSides(
  tx: Tx,
  roles: readonly Role[],
  pathway: string,
  { from, to }: { from: string; to: string },
): Promise<Comparison> {
  const [before, after] = [await contentOf(tx, pathway, from), await contentOf(tx, pathway, to)]
  const { changes, picture } = compareDefinitions(comparable(before, 'from'), comparable(after, 'to'), roles)
  return { changes, graph: picture, before: before.source, after: after.source }
}

async function contentOf(tx: Tx, pathway: string, side: string): Promise<Content> {
  if (/^\d{1,6}$/.test(side)) return readVersion(tx, pathway, Number(side))
  const draft = await readDraft(tx, side)
  if (draft.pathway !== pathway)
    throw refuse('draft-not-found', { faults: [{ path: 'query', message: `it is a draft of ${draft.pathway}` }] })
  return draft
}

function comparable({ source, templates }: Content, side: string) {
  const { definition, findings } = parse(source)
  if (!definition)
    throw refuse('pathway-refused', {
      detail: 'A text that is not whole cannot be compared.',
      faults: faultsOf(findings).map((fault) => ({ ...fault, path: `${side}.${fault.path}` })),
    })
  return { definition, templates }
}
