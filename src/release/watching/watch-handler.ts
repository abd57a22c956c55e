import type { Tx } from '../../db/index.ts'
import type { JobHandler, JobRequest } from '../../jobs/index.ts'
import { type CallContext, type Clock, newId } from '../../kernel/index.ts'
import { holdsBack } from '../drift.ts'
import { tellEvent } from '../ladder/events.ts'
import { lockHead, readHealth, setHealth } from '../ladder/standings.ts'
import { alarmsNow } from './read-watch.ts'
import { watchInputs } from './watch-inputs.ts'

const watchJob = 'automation-watch'
const day = 86_400_000

export const watching = (automation: string): JobRequest => ({
  kind: watchJob,
  key: `${watchJob} ${automation}`,
  payload: { automation },
})

/** Looks at an automation's inputs once a day. */
export function createWatchHandler(clock: Clock): JobHandler {
  return {
    kind: watchJob,
    tries: 5,
    perform: async (tenant, job) => async (tx) => {
      const context: CallContext = {
        tenant,
        actor: { kind: 'system', id: 'release', name: 'Throughline', roles: [] },
        clock,
        requestId: newId(clock),
        locale: 'en',
      }
      await watchHealth(tx, context, String(job.payload['automation']))
      return { again: clock.now() + day }
    },
    async givenUp() {},
  }
}

/**
 * Two weeks in a row in which an input lies elsewhere than before hold an automation down to what people confirm; it is
 * given back when the weeks are steady again.
 */
async function watchHealth(tx: Tx, context: CallContext, automation: string): Promise<void> {
  const { active } = await lockHead(tx, automation, 'update')
  const now = context.clock.now()
  const inputs = await watchInputs(tx, automation, now)
  await tellAlarms(tx, context, { automation, version: active }, await alarmsNow(tx, automation, inputs, now))
  const moved = inputs.filter(({ windows }) => holdsBack(windows))
  const before = await readHealth(tx, automation, active)
  const reason = moved.length === 0 ? undefined : `drift: ${moved.map(({ name }) => name).join(', ')}`
  if (reason === before.reason) return
  const level = reason === undefined ? 'autonomous' : 'recommend'
  await setHealth(tx, { automation, version: active, level, reason, now })
  await tellEvent(tx, context, { automation, version: active, kind: 'health', data: { to: level, reason } })
}

/** Puts alarms into the automation's history when they are others than before. They hold nothing back: people look. */
async function tellAlarms(
  tx: Tx,
  context: CallContext,
  about: { automation: string; version: number },
  alarms: readonly { kind: string; about: string }[],
): Promise<void> {
  const text = alarms.map((one) => `${one.kind} (${one.about})`).join(', ')
  const [last] = await tx.query<{ text: string | null }>({
    text: `select data->>'reason' as text from automation_event where tenant_id = $1 and automation = $2 and kind = 'alarm' order by id desc limit 1`,
    values: [tx.tenant, about.automation],
  })
  if ((last?.text ?? '') === text) return
  await tellEvent(tx, context, { ...about, kind: 'alarm', data: text === '' ? {} : { reason: text } })
}
