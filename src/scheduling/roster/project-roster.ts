import type { Schedule, Slot } from '@medplum/fhirtypes'
import type { Projection } from '../../fhir/index.ts'

export const rosterWords = {
  /** `serviceCategory` of a Schedule that is a roster: its Slots are times at work and away, none to be booked. */
  category: 'urn:throughline:schedule',
  /** `serviceType` of a Slot of a roster: `shift`, `on-call` or `leave`. */
  kind: 'urn:throughline:roster',
} as const

type Kind = 'shift' | 'on-call' | 'leave'

/** Keeps rosters true with every write of a Schedule or a Slot. */
export const rosterProjection: Projection = {
  types: ['Schedule', 'Slot'],
  async apply(tx, _context, written) {
    const last = [...new Map(written.map((one) => [`${one.resourceType}/${one.id}`, one])).values()]
    const idsOf = (type: string) => last.flatMap(({ resourceType, id }) => (resourceType === type ? [id] : []))
    for (const [table, ids] of [
      ['roster', idsOf('Schedule')],
      ['shift', idsOf('Slot')],
    ] as const)
      if (ids.length > 0)
        await tx.run({
          text: `delete from ${table} where tenant_id = $1 and id = any ($2)`,
          values: [tx.tenant, ids],
        })
    const rosters = last.flatMap(({ id, resource }) => {
      const practitioner = resource?.resourceType === 'Schedule' ? ownerOf(resource) : undefined
      return practitioner === undefined ? [] : [{ id, practitioner }]
    })
    if (rosters.length > 0)
      await tx.run({
        text: 'insert into roster (tenant_id, id, practitioner) select $1, * from unnest($2::text[], $3::text[])',
        values: [tx.tenant, rosters.map(({ id }) => id), rosters.map(({ practitioner }) => practitioner)],
      })
    const shifts = last.flatMap(({ id, resource }) => {
      const kind = resource?.resourceType === 'Slot' ? kindOf(resource) : undefined
      return kind !== undefined && resource?.resourceType === 'Slot' ? [{ id, kind, slot: resource }] : []
    })
    if (shifts.length > 0)
      await tx.run({
        text: `insert into shift (tenant_id, id, schedule, kind, from_at, until_at)
               select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[])`,
        values: [
          tx.tenant,
          shifts.map(({ id }) => id),
          shifts.map(({ slot }) => slot.schedule.reference?.replace(/^Schedule\//, '') ?? ''),
          shifts.map(({ kind }) => kind),
          shifts.map(({ slot }) => slot.start),
          shifts.map(({ slot }) => slot.end),
        ],
      })
  },
}

/** Whose roster it is: the first practitioner among its actors. */
function ownerOf(schedule: Schedule): string | undefined {
  const roster = schedule.serviceCategory?.some((concept) =>
    concept.coding?.some(({ system, code }) => system === rosterWords.category && code === 'roster'),
  )
  if (roster !== true || schedule.active === false) return undefined
  return schedule.actor.map(({ reference }) => reference).find((reference) => reference?.startsWith('Practitioner/'))
}

function kindOf(slot: Slot): Kind | undefined {
  if (slot.status === 'entered-in-error') return undefined
  const codes = (slot.serviceType ?? []).flatMap((concept) => concept.coding ?? [])
  const code = codes.find(({ system }) => system === rosterWords.kind)?.code
  return code === 'shift' || code === 'on-call' || code === 'leave' ? code : undefined
}
