import type { Team } from '../contracts/index.ts'
import type { HouseOntology, Member } from '../work/index.ts'
import { iso } from './desk.ts'

const day = 86_400_000
type Licence = Team['items'][number]['licences'][number]

/** How near the end of a licence is, counted when asked: nothing is stored, so that nothing can be missed. */
function endsOf(until: number | undefined, now: number): Licence['ends'] {
  if (until === undefined) return null
  if (until <= now) return 'ended'
  const left = until - now
  return left <= 7 * day ? 'in-7-days' : left <= 30 * day ? 'in-30-days' : left <= 60 * day ? 'in-60-days' : null
}

/** Somebody of the team as the console shows them, at a moment in milliseconds. */
export function teamView(ontology: HouseOntology, member: Member, now: number): Team['items'][number] {
  const titled = (id: string) => ontology.credentials.find((one) => one.id === id)?.title ?? { en: id, fr: id }
  const holds = ({ from, until }: { from: number; until: number }) => from <= now && now < until
  const away = member.leave.some(holds)
  const present = member.shifts.filter(holds)
  // Who is on call beside a shift is at work until that ends.
  const own = present.filter(({ onCall }) => onCall !== true)
  const next = member.shifts
    .map(({ from }) => from)
    .filter((from) => from > now && !member.leave.some((one) => one.from <= from && from < one.until))
    .toSorted((a, b) => a - b)[0]
  return {
    reference: member.reference,
    name: member.name,
    roles: [...member.roles],
    credentials: [...new Set(member.credentials.map(({ id }) => id))].map((id) => ({ id, title: titled(id) })),
    languages: [...member.languages],
    skills: [...new Set(member.skills.map(({ id }) => id))],
    licences: member.licences.map(({ credential, jurisdiction, number, status, until, compact }) => ({
      credential: titled(credential),
      place: ontology.places.find(({ id }) => id === jurisdiction) ?? {
        id: jurisdiction,
        title: { en: jurisdiction, fr: jurisdiction },
      },
      number: number ?? null,
      status,
      until: until === undefined ? null : iso(until),
      compact: compact ?? null,
      ends: endsOf(until, now),
    })),
    atWork: present.length > 0 && !away,
    onCall: present.length > 0 && !away && own.length === 0,
    away,
    until:
      present.length > 0 && !away ? iso(Math.max(...(own.length > 0 ? own : present).map(({ until }) => until))) : null,
    next: next === undefined ? null : iso(next),
    held: member.held,
  }
}
