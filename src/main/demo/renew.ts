import type { MedicationRequest } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { CallContext, Chance } from '../../kernel/index.ts'
import { onClock } from '../../pathways/index.ts'
import { actOnTask } from '../../work/index.ts'
import type { House } from '../compose.ts'
import { places, staff } from './people.ts'
import { prescribesIn, medicines, zone } from './workforce.ts'

const hour = 3_600_000
/** Requests a working day, by the place's rank in the clinic's list; Mondays bring half as many again. */
const daily = [0.9, 0.7, 0.3, 0.3, 0.5, 0.3, 0.15, 0.15, 0.25, 0.2, 0.15, 0.2, 0.2]

/**
 * What pharmacies asked for from `from` to `until`, by the hour in which it came, in order: a Poisson process for each place, busier
 * in the morning. The last two days are left out: what then came has been answered, or waits by `renewals`.
 */
export function renewalsBetween(
  chance: Chance,
  patients: readonly string[],
  from: number,
  until: number,
): [hour: number, requests: MedicationRequest[]][] {
  const asked = new Map<number, MedicationRequest[]>()
  let made = 0
  for (let n = 0; ; n += 1) {
    const midnight = onClock(zone, from, '00:00', n)
    if (midnight >= until - 48 * hour) return [...asked].toSorted(([a], [b]) => a - b)
    const weekday = new Date(midnight + 12 * hour).getUTCDay()
    if (weekday === 0 || weekday === 6) continue
    for (const [place, rate] of daily.entries())
      for (const at of arrivals(chance, rate * (weekday === 1 ? 1.5 : 1), midnight)) {
        // Four days before nobody may prescribe there any more the pharmacies were told: nothing of theirs is left over.
        if (at < from || !staff.some(({ id }) => prescribesIn(id, codeOf(place), at + 96 * hour, until))) continue
        made += 1
        const own = patients.filter((_patient, index) => index % places.length === place)
        const whole = Math.floor(at / hour) * hour
        asked.set(whole, [
          ...(asked.get(whole) ?? []),
          {
            resourceType: 'MedicationRequest',
            id: `demo-asked-${made}`,
            status: 'draft',
            intent: 'proposal',
            priority: chance.happens(0.15) ? 'urgent' : 'routine',
            medicationCodeableConcept: { text: chance.pick(medicines) },
            subject: { reference: `Patient/${chance.pick(own)}` },
          },
        ])
      }
  }
}

const codeOf = (place: number): string => [...(places[place] ?? [])].toReversed().join('-')

/** Moments of a day with `mean` arrivals on average from eight to five, three in five of them before noon. */
function arrivals(chance: Chance, mean: number, midnight: number): number[] {
  const found: number[] = []
  for (const [from, until, share] of [
    [8, 12, 0.6],
    [12, 17, 0.4],
  ] as const) {
    const wait = () => (-Math.log(1 - chance.next()) * (until - from) * hour) / (mean * share)
    for (let at = from * hour + wait(); at < until * hour; at += wait()) found.push(midnight + at)
  }
  return found
}

/** Physicians answer what they may, and coordinators make the calls that follow; each is busy elsewhere at times. Answers how many were done. */
export async function answerRenewals(
  tx: Tx,
  house: House,
  { context, chance, until }: { context: CallContext; chance: Chance; until: number },
): Promise<number> {
  const rows = await tx.query<{ id: string; role: string; kind: string; jurisdiction: string }>({
    text: `select q.id, q.role, n.kind, n.jurisdiction from work_queue q join work_need n on n.tenant_id = q.tenant_id and n.id = q.id
           where q.tenant_id = $1 order by q.rank, q.due, q.id`,
    values: [tx.tenant],
  })
  const seen = new Set<string>()
  for (const { id, role, kind, jurisdiction } of rows) {
    const able = staff.filter(
      (one) =>
        one.roles.includes(role) &&
        (kind !== 'renewal' || prescribesIn(one.id, jurisdiction, context.clock.now(), until)),
    )
    if (seen.has(id) || able.length === 0 || !chance.happens(0.7)) continue
    seen.add(id)
    const { id: who, name, roles } = chance.pick(able)
    const acting = {
      ...context,
      actor: { kind: 'account' as const, id: who, name, reference: `Practitioner/${who}`, roles },
    }
    const options = { mayManage: false, roles: [], routing: house.routing }
    await actOnTask(tx, acting, house.record, id, { do: 'claim' }, options)
    const outcome = kind === 'renewal' ? { outcome: chance.happens(0.88) ? 'renewed' : 'visit-first' } : {}
    await actOnTask(tx, acting, house.record, id, { do: 'complete', ...outcome }, options)
  }
  return seen.size
}
