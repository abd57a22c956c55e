import type { PractitionerRole } from '@medplum/fhirtypes'
import type { Projection } from '../../fhir/index.ts'
import { momentOf } from '../../pathways/index.ts'
import { clockOf, type WeeklyHours } from './weekly-shifts.ts'

/**
 * Keeps general hours (`PractitionerRole.availableTime`) and times off (`notAvailable`) true with every write. `zone`: on
 * whose clock they are.
 */
export const availabilityProjection = (zone: string): Projection => ({
  types: ['PractitionerRole'],
  async apply(tx, _context, written) {
    const last = [...new Map(written.map((one) => [one.id, one])).values()]
    await tx.run({
      name: 'forget-availability',
      text: 'delete from availability where tenant_id = $1 and id = any ($2)',
      values: [tx.tenant, last.map(({ id }) => id)],
    })
    const rows = last.flatMap(({ id, resource }) => {
      const read = resource?.resourceType === 'PractitionerRole' ? availabilityOf(resource, zone) : undefined
      return read ? [{ id, ...read }] : []
    })
    if (rows.length > 0)
      await tx.run({
        name: 'store-availability',
        text: `insert into availability (tenant_id, id, practitioner, hours)
               select $1, * from unnest($2::text[], $3::text[], $4::jsonb[])`,
        values: [
          tx.tenant,
          rows.map(({ id }) => id),
          rows.map(({ practitioner }) => practitioner),
          rows.map(({ hours }) => JSON.stringify(hours)),
        ],
      })
  },
})

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

function availabilityOf(
  role: PractitionerRole,
  zone: string,
): { practitioner: string; hours: WeeklyHours } | undefined {
  const practitioner = role.practitioner?.reference
  if (role.active === false || practitioner?.startsWith('Practitioner/') !== true) return undefined
  const week = (role.availableTime ?? []).flatMap(({ daysOfWeek, allDay, availableStartTime, availableEndTime }) => {
    const from = allDay === true ? 0 : (clockOf(availableStartTime) ?? 0)
    const until = allDay === true ? 1440 : (clockOf(availableEndTime) ?? 1440)
    return [
      { days: (daysOfWeek ?? days).map((day) => days.indexOf(day)), from, until: until > from ? until : until + 1440 },
    ]
  })
  const off = (role.notAvailable ?? []).flatMap(({ during }) =>
    during === undefined ? [] : [{ ...start(during.start, zone), ...end(during.end, zone) }],
  )
  if (week.length + off.length === 0) return undefined
  return {
    practitioner: practitioner.slice('Practitioner/'.length),
    hours: { week, off, ...start(role.period?.start, zone), ...end(role.period?.end, zone) },
  }
}

const start = (text: string | undefined, zone: string) => (text === undefined ? {} : { from: momentOf(text, zone) })

/** A period's end is included: one that is a date alone lasts through that day. */
function end(text: string | undefined, zone: string): { until?: number } {
  if (text === undefined) return {}
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return { until: momentOf(text, zone) }
  return { until: momentOf(new Date(Date.parse(`${text}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10), zone) }
}
