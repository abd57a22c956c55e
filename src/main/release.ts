import { patientsOf } from '../desk/index.ts'
import { sightings } from '../fhir/index.ts'
import type { Route } from '../kernel/index.ts'
import { releaseRoutes } from '../release/index.ts'
import type { House } from './compose.ts'

export const releaseRoutesOf = ({ database, release, record, guard, library }: House): Route[] =>
  releaseRoutes({
    database,
    release,
    record,
    zone: library.calendar.zone,
    roles: library.roles.map(({ id }) => id),
    async patients(tx, context, references) {
      const sight = await guard.sight(tx, context)
      const seen = sight && references.length > 0 ? await sightings(tx, sight, 'read', references) : undefined
      const open = references.filter((reference) => !sight || seen?.get(reference) === true)
      const named = await patientsOf(tx, record, open, sight)
      // Whoever has no name yet is told by their reference.
      return new Map([...named].map(([reference, { name }]) => [reference, name === '' ? reference : name]))
    },
  })
