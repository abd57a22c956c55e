import { expect, test } from 'vitest'
import { createChance } from '../../kernel/index.ts'
import { type Need, type Ontology, permit, type Person } from './index.ts'

const hour = 3_600_000
const day = 24 * hour
/** Three days around the hour that comes twice in North America. */
const start = Date.UTC(2026, 9, 31)

const ontology: Ontology = {
  credentials: [
    { id: 'clerk', cost: 1, licensed: false },
    { id: 'lpn', cost: 2, licensed: true },
    { id: 'rn', cost: 3, licensed: true },
    { id: 'md', cost: 6, licensed: true },
  ],
  compacts: [
    {
      id: 'NLC',
      credentials: ['lpn', 'rn'],
      members: [
        { jurisdiction: 'US-TX', from: 0 },
        { jurisdiction: 'US-OH', from: start + day },
        { jurisdiction: 'US-PA', from: 0, until: start + 2 * day },
      ],
    },
  ],
  kinds: [
    { id: 'call', rules: [{ from: 0, may: ['clerk', 'lpn', 'rn'] }] },
    {
      id: 'triage',
      privileged: true,
      rules: [
        { from: 0, may: ['rn', 'md'], supervised: [{ credential: 'lpn', by: ['rn', 'md'] }], skills: ['triage'] },
        { from: start + day, until: start + 2 * day, may: ['md'], jurisdictions: ['US-OH', 'CA-ON'] },
        { from: start + 30 * hour, may: ['md', 'rn'], skills: ['triage'], jurisdictions: ['CA-ON'] },
      ],
    },
    {
      id: 'sign',
      rules: [
        { from: 0, may: ['md'] },
        { from: 0, jurisdictions: ['US-PA'], may: [] },
      ],
    },
  ],
}
const places = ['US-TX', 'US-OH', 'US-PA', 'US-NY', 'CA-ON']
const moments = 72

function somebody(n: number, chance: ReturnType<typeof createChance>): Person {
  const period = () => {
    const from = chance.happens(0.6) ? 0 : start + chance.below(moments) * hour
    return chance.happens(0.5) ? { from } : { from, until: start + (chance.below(moments) + 1) * hour }
  }
  const some = <T>(most: number, make: () => T) => Array.from({ length: chance.below(most + 1) }, make)
  return {
    reference: `Practitioner/${n}`,
    credentials: some(2, () => ({ id: chance.pick(['clerk', 'lpn', 'rn', 'md']), ...period() })),
    licences: some(4, () => ({
      credential: chance.pick(['lpn', 'rn', 'md']),
      jurisdiction: chance.pick(places),
      status: chance.pick(['active', 'active', 'active', 'suspended', 'revoked']),
      ...period(),
      ...(chance.happens(0.4) ? { compact: 'NLC' } : {}),
      ...(chance.happens(0.1) ? { excludes: ['triage'] } : {}),
    })),
    skills: some(1, () => ({ id: 'triage', ...period() })),
    privileges: some(1, () => ({ site: chance.pick(['north', 'south']), ...period() })),
    languages: chance.pick([['en'], ['en', 'fr'], ['fr']]),
    shifts: some(2, () => {
      const from = start + chance.below(moments) * hour
      return { from, until: from + 8 * hour }
    }),
    leave: some(1, () => {
      const from = start + chance.below(moments) * hour
      return { from, until: from + 6 * hour }
    }),
    capacity: 480,
  }
}

/** Written apart and as slowly as can be: every rule is tried in the plainest way. */
function naive(need: Need, person: Person, at: number, team: readonly Person[]): boolean {
  const on = (one: { from: number; until?: number }) => at >= one.from && (one.until ?? Infinity) > at
  const kind = ontology.kinds.filter((one) => one.id === need.kind)[0]
  if (!kind) return false
  const sorted = kind.rules.filter(on).toSorted((a, b) => b.from - a.from)
  const rule =
    sorted.filter((one) => one.jurisdictions?.includes(need.jurisdiction))[0] ??
    sorted.filter((one) => one.jurisdictions === undefined)[0]
  if (!rule) return false
  const licensed = (who: Person, credential: string): boolean => {
    if (credential === 'clerk') return true
    for (const one of who.licences) {
      if (one.credential !== credential || one.status !== 'active' || !on(one)) continue
      if (one.excludes?.includes(need.kind)) continue
      if (one.jurisdiction === need.jurisdiction) return true
      if (one.compact !== 'NLC' || credential === 'md') continue
      const members = ontology.compacts.flatMap((compact) => compact.members.filter(on)).map((m) => m.jurisdiction)
      if (members.includes(one.jurisdiction) && members.includes(need.jurisdiction)) return true
    }
    return false
  }
  const holds = (who: Person, credential: string) => who.credentials.some((one) => one.id === credential && on(one))
  const alone = rule.may.some((credential) => holds(person, credential) && licensed(person, credential))
  const under = (rule.supervised ?? []).some(
    ({ credential, by }) =>
      holds(person, credential) &&
      licensed(person, credential) &&
      team.some(
        (other) =>
          other !== person &&
          other.shifts.some(on) &&
          !other.leave.some(on) &&
          by.some((one) => holds(other, one) && licensed(other, one)),
      ),
  )
  return (
    (alone || under) &&
    (rule.skills ?? []).every((skill) => person.skills.some((one) => one.id === skill && on(one))) &&
    (need.language === undefined || person.languages.includes(need.language)) &&
    (need.kind !== 'triage' || person.privileges.some((one) => one.site === need.site && on(one))) &&
    !(need.not ?? []).includes(person.reference)
  )
}

test('of 2,000 tasks and 300 people under dated rules, the permitted are those that an independent checker names', () => {
  const chance = createChance(2026)
  const team = Array.from({ length: 300 }, (_, n) => somebody(n, chance))
  let permitted = 0
  let refused = 0
  for (let n = 0; n < 2000; n += 1) {
    const need: Need = {
      kind: chance.pick(['call', 'triage', 'triage', 'sign', 'unheard-of']),
      jurisdiction: chance.pick(places),
      site: chance.pick(['north', 'south']),
      ...(chance.happens(0.3) ? { language: 'fr' } : {}),
      ...(chance.happens(0.2) ? { not: [`Practitioner/${chance.below(300)}`] } : {}),
    }
    // Half of the moments lie on a whole hour, where periods begin and end.
    const at = start + chance.below(moments) * hour + (chance.happens(0.5) ? 0 : chance.below(hour))
    for (const person of team) {
      const answer = permit(ontology, need, person, at, team)
      const may = naive(need, person, at, team)
      if ((answer.credential !== undefined) !== may) expect({ need, person, at, answer }).toBe(`the oracle says ${may}`)
      // Who may not is told why, and who may is told nothing.
      if (may) permitted += 1
      else refused += 1
      if (answer.bars.length > 0 === may) expect({ need, person, answer }).toBe('a reason for each that may not')
    }
  }
  expect(permitted).toBeGreaterThan(10_000)
  expect(refused).toBeGreaterThan(10_000)
}, 120_000)

const nurse = (change: Partial<Person> = {}): Person => ({
  reference: 'Practitioner/nurse',
  credentials: [{ id: 'rn', from: 0 }],
  licences: [{ credential: 'rn', jurisdiction: 'US-NY', status: 'active', from: 0, until: start }],
  skills: [],
  privileges: [],
  languages: ['en'],
  shifts: [],
  leave: [],
  capacity: 480,
  ...change,
})

test('a licence stops counting at the minute it ends, and only where it held', () => {
  const both = nurse({
    licences: [
      { credential: 'rn', jurisdiction: 'US-NY', status: 'active', from: 0, until: start },
      { credential: 'rn', jurisdiction: 'CA-ON', status: 'active', from: 0 },
    ],
  })
  const at = (jurisdiction: string, moment: number) =>
    permit(ontology, { kind: 'call', jurisdiction }, both, moment, [])
  expect(at('US-NY', start - 1).credential).toBe('rn')
  expect(at('US-NY', start)).toEqual({
    person: both.reference,
    credential: undefined,
    bars: [{ code: 'licence-ended', what: 'rn in US-NY' }],
  })
  expect(at('CA-ON', start).credential).toBe('rn')
})

test('a compact licence holds in another member state from the day that both are members', () => {
  const compact = nurse({
    licences: [{ credential: 'rn', jurisdiction: 'US-TX', status: 'active', from: 0, compact: 'NLC' }],
  })
  const at = (moment: number) =>
    permit(ontology, { kind: 'call', jurisdiction: 'US-OH' }, compact, moment, []).credential
  expect(at(start + day - 1)).toBe(undefined)
  expect(at(start + day)).toBe('rn')
})

test('somebody who may in two ways does it by the less costly one', () => {
  const both = nurse({
    credentials: [
      { id: 'rn', from: 0 },
      { id: 'clerk', from: 0 },
    ],
  })
  expect(permit(ontology, { kind: 'call', jurisdiction: 'US-NY' }, both, start - 1, []).credential).toBe('clerk')
})

test('under supervision somebody is named who signs, and nobody supervises themselves', () => {
  const practical = nurse({
    reference: 'Practitioner/practical',
    credentials: [
      { id: 'lpn', from: 0 },
      { id: 'md', from: 0 },
    ],
    licences: [{ credential: 'lpn', jurisdiction: 'US-NY', status: 'active', from: 0 }],
    skills: [{ id: 'triage', from: 0 }],
    privileges: [{ site: 'north', from: 0 }],
    shifts: [{ from: start - hour, until: start + hour }],
  })
  const need: Need = { kind: 'triage', jurisdiction: 'US-NY', site: 'north' }
  const signer = nurse({
    shifts: [{ from: start - hour, until: start }],
    licences: [{ credential: 'rn', jurisdiction: 'US-NY', status: 'active', from: 0 }],
  })
  expect(permit(ontology, need, practical, start - 1, [practical, signer])).toEqual({
    person: practical.reference,
    credential: 'lpn',
    supervisor: signer.reference,
    bars: [],
  })
  expect(permit(ontology, need, practical, start, [practical, signer]).bars).toEqual([
    { code: 'supervisor-away', what: 'rn, md' },
  ])
})
