import type { OfferedIn, ServiceDefinition } from '../../contracts/index.ts'
import type { Calendar } from '../../pathways/index.ts'
import { couldDo, type HouseOntology, type Member, openStretches } from '../../work/index.ts'
import { iso } from '../desk.ts'

const ahead = 14 * 86_400_000

export interface Asking {
  ontology: HouseOntology
  calendar: Calendar
  /** Everybody, as of `at`. */
  team: readonly Member[]
  /** Milliseconds. */
  at: number
  locale: 'en' | 'fr'
}

/** When a service is open next at or after a moment; the moment itself when it is open then, undefined when not in two weeks. */
export function opensAt(
  { hours }: Pick<ServiceDefinition, 'hours'>,
  calendar: Calendar,
  at: number,
): number | undefined {
  if (hours === 'always') return at
  for (const { from } of openStretches(calendar, at, at + ahead)) return from
  return undefined
}

/** Who can do a service in a place of law at a moment, need by need. `open`: whether it is within the service's hours. */
export function offeredIn(service: ServiceDefinition, jurisdiction: string, open: boolean, asking: Asking): OfferedIn {
  const { ontology, team, at, locale } = asking
  const titled = (list: readonly { id: string; title: OfferedIn['jurisdiction']['title'] }[], id: string) => ({
    id,
    title: list.find((one) => one.id === id)?.title ?? { en: id, fr: id },
  })
  const needs = service.needs.map(({ kind }) => {
    const able = couldDo(ontology, { kind, jurisdiction }, team, { at, locale })
    return {
      kind: titled(ontology.kinds, kind),
      ready: able.ready.map(({ member, permit }) => ({
        reference: member.reference,
        name: member.name,
        credential: ontology.credentials.find(({ id }) => id === permit.credential)?.title ?? null,
      })),
      may: able.may.length,
      next: able.next === undefined ? null : iso(able.next),
      unblock: able.unblock?.sentence ?? null,
    }
  })
  return {
    jurisdiction: titled(ontology.places, jurisdiction),
    now: open && needs.every(({ ready }) => ready.length > 0),
    needs,
    fees: service.fees.flatMap(({ system, code, in: where }) =>
      where === undefined || where.includes(jurisdiction) ? [{ system, code }] : [],
    ),
  }
}

/**
 * The first moment at or after `at` when a service is open and somebody may do each of its needs there; undefined when there
 * is none within two weeks of rosters. Looks only at moments when something changes: openings, and the beginnings of shifts.
 */
export function nextOffered(service: ServiceDefinition, jurisdiction: string, asking: Asking): number | undefined {
  const { ontology, calendar, team, locale } = asking
  let at: number | undefined = asking.at
  while (at !== undefined && at <= asking.at + ahead) {
    const opens = opensAt(service, calendar, at)
    if (opens === undefined) return undefined
    const moment = opens
    const able = service.needs.map(({ kind }) =>
      couldDo(ontology, { kind, jurisdiction }, team, { at: moment, locale }),
    )
    if (able.every(({ ready }) => ready.length > 0)) return moment
    const nexts = able.filter(({ ready }) => ready.length === 0).map(({ next }) => next)
    at = nexts.includes(undefined) ? undefined : Math.max(...nexts.flatMap((one) => one ?? []))
  }
  return undefined
}
