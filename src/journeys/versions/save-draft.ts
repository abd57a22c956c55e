import { isDeepStrictEqual } from 'node:util'
import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { parse } from '../../pathways/index.ts'
import { refuse } from '../errors.ts'
import { newestVersion } from './begin-draft.ts'
import { type DraftRow, lockDraft, type PartName, updateDraft } from './draft-store.ts'
import { type Content, personOf } from './put-live.ts'

export interface Saving extends Partial<Content> {
  /** The revision that the parts were made from. */
  revision: number
  /** The newest version, whose changes have been taken in. */
  basedOn?: number
}

const partNames: readonly PartName[] = ['source', 'templates', 'scenarios']

/**
 * Saves parts of a draft. Stale, and refused with nothing stored, when one of these parts was changed since the revision,
 * by somebody else or in another window. Saving what stands there already changes nothing and makes nobody a writer: so a
 * save may be sent again when its answer was lost.
 */
export async function saveDraft(tx: Tx, context: CallContext, id: string, saving: Saving): Promise<DraftRow> {
  const draft = await lockDraft(tx, id)
  refuseUnlessOpen(draft)
  const writer = personOf(context)
  const given = partNames.filter((name) => saving[name] !== undefined)
  const changed = given.filter((name) => !isDeepStrictEqual(saving[name], draft[name]))
  const stale = changed.filter((name) => draft.parts[name].revision > saving.revision)
  if (stale.length > 0 || saving.revision > draft.revision)
    throw refuse('stale-draft', {
      faults: stale.map((name) => ({
        path: name,
        message: `changed by ${draft.parts[name].by.name} at ${draft.parts[name].at} (revision ${draft.parts[name].revision})`,
      })),
    })
  const rebased = await rebasedOn(tx, draft, saving.basedOn)
  if (changed.length === 0 && rebased === draft.basedOn) return draft
  const at = new Date(context.clock.now())
  const revision = draft.revision + 1
  const part = { revision, by: writer, at: at.toISOString() }
  const saved: DraftRow = {
    ...draft,
    ...Object.fromEntries(changed.map((name) => [name, saving[name]])),
    parts: { ...draft.parts, ...Object.fromEntries(changed.map((name) => [name, part])) },
    basedOn: rebased,
    revision,
    changedAt: at,
    lastWriter: writer,
    writers: [...draft.writers.filter((one) => one.id !== writer.id), writer],
  }
  // A pathway that is new here may still change its name.
  if (saved.basedOn === null) saved.pathway = parse(saved.source).definition?.pathway ?? saved.pathway
  await updateDraft(tx, saved)
  return saved
}

async function rebasedOn(tx: Tx, draft: DraftRow, basedOn: number | undefined): Promise<number | null> {
  if (basedOn === undefined || basedOn === draft.basedOn) return draft.basedOn
  const newest = await newestVersion(tx, draft.pathway)
  if (newest === basedOn) return basedOn
  throw refuse('draft-outdated', {
    faults: [{ path: 'basedOn', message: `the newest version is ${newest ?? 'none'}` }],
  })
}

export function refuseUnlessOpen(draft: DraftRow): void {
  if (draft.status !== 'draft')
    throw refuse('draft-frozen', { faults: [{ path: 'status', message: `the draft is ${draft.status}` }] })
}

/** What is asked, approved or published is what the caller has seen. */
export function refuseUnlessSeen(draft: DraftRow, revision: number): void {
  if (draft.revision !== revision)
    throw refuse('stale-draft', {
      faults: [
        {
          path: 'revision',
          message: `it is at revision ${draft.revision} by ${draft.lastWriter.name}, ${draft.changedAt.toISOString()}`,
        },
      ],
    })
}
