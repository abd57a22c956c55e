import type { Tx } from '../../db/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'

/** What can happen to an automation itself; `data` holds codes and ids, no patient. */
export type AutomationHappening =
  | 'published'
  | 'promoted'
  | 'evidence'
  | 'rise-asked'
  | 'rise-signed'
  | 'rise-dropped'
  | 'risen'
  | 'fallen'
  | 'health'
  | 'flag'
  | 'holdout'
  | 'alarm'
  | 'drill-started'
  | 'drill-passed'
  | 'drill-failed'
  | 'release-started'
  | 'release-ended'

export async function tellEvent(
  tx: Tx,
  context: CallContext,
  event: { automation: string; version: number; kind: AutomationHappening; data: Record<string, unknown> },
): Promise<void> {
  await tx.run({
    text: 'insert into automation_event (tenant_id, id, automation, version, kind, at, by_name, data) values ($1, $2, $3, $4, $5, $6, $7, $8)',
    values: [
      tx.tenant,
      newId(context.clock),
      event.automation,
      event.version,
      event.kind,
      new Date(context.clock.now()),
      context.actor.name,
      JSON.stringify(event.data),
    ],
  })
}
