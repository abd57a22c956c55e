import type { Resource } from '@medplum/fhirtypes'
import { beforeAll, expect, test } from 'vitest'
import { type Asker, mayOracle, type World } from '../../testkit/access-oracle.ts'
import { accessWorld } from '../../testkit/access-world.ts'
import { useHouse } from '../../testkit/house.ts'
import type { Tx } from '../db/index.ts'
import type { Actor, CallContext, TenantId } from '../kernel/index.ts'
import { readYaml } from '../pathways/index.ts'
import { readCaller } from './caller.ts'
import { type Bind, Compiler } from './compile.ts'
import { createShapeReader } from './consent-store.ts'
import { markBuilt } from './index.ts'
import { type Use, uses } from './policy.ts'

const house = useHouse()
const start = Date.UTC(2026, 2, 2, 14)

/** A second hospital, where nobody sees anybody without standing in a relationship, and patients opt in. */
const strict = `
policy: strict
title: {en: 'Relationships only', fr: 'Liens seulement'}
consent: {presumed: [operations]}
purpose: {otherwise: treatment, roles: {operations-lead: operations}}
labels:
  - {label: PSY, title: {en: mental health, fr: santé mentale}, codes: {'http://hl7.org/fhir/sid/icd-10-cm': ['F3*']}}
rules:
  - {rule: those-who-treat, title: {en: they treat this patient, fr: ils soignent ce patient}, effect: permit, actors: [account], roles: [physician, triage-nurse],
     relations: [care-team, appointment, encounter, task, queue, general-practitioner, organisation]}
  - {rule: staff-know-each-other, title: {en: staff find each other, fr: le personnel se trouve}, effect: permit, types: [Practitioner, Organization, PractitionerRole]}
  - {rule: planners-see-visits, title: {en: planners see visits, fr: la planification voit les visites}, effect: permit, roles: [operations-lead], types: [Appointment, Patient], interactions: [read, search]}
  - {rule: no-deleting, title: {en: nobody deletes, fr: personne ne supprime}, effect: deny, interactions: [delete]}
  - {rule: restricted, title: {en: restricted, fr: restreint}, effect: deny, labels: [R, V, PSY], unless: {relations: [care-team]}, break-glass: opens}
  - {rule: not-oneself, title: {en: not oneself, fr: pas soi-même}, effect: deny, relations: [self, family]}
  - {rule: physicians-do-not-plan, title: {en: plans are for planners, fr: la planification a la sienne}, effect: deny, roles: [physician], types: [Task], purposes: [research]}
break-glass: {roles: [physician], minutes: 60, interactions: [read, search], supervisor: clinical-director, review-hours: 24}
`

interface Place {
  tenant: TenantId
  world: World
}
let places: Place[]

beforeAll(async () => {
  const { db, record, policies, library } = house
  places = []
  const clinic = library.policies.find(({ file }) => file === 'policies/clinic.yaml')?.source ?? ''
  for (const [tenant, source] of [
    [db.alpha, clinic],
    [db.beta, strict],
  ] as const) {
    const context: CallContext = { ...house.context, tenant }
    await db.database.transaction(tenant, async (tx) => {
      await policies.publish(tx, context, source, 'For the matrix')
      await markBuilt(tx)
    })
    const versions = new Map<string, (Resource | undefined)[]>()
    for (const step of accessWorld(start)) {
      await db.database.transaction(tenant, async (tx) => {
        if ('delete' in step) {
          const [resourceType = '', id = ''] = step.delete.split('/')
          await record.write(tx, context, [
            { interaction: 'delete', resourceType: resourceType as Resource['resourceType'], id },
          ])
          versions.set(step.delete, [...(versions.get(step.delete) ?? []), undefined])
        } else {
          await record.write(tx, context, [{ interaction: 'update', resource: step }], { validate: false })
          const key = `${step.resourceType}/${step.id}`
          versions.set(key, [...(versions.get(key) ?? []), step])
        }
      })
    }
    places.push({ tenant, world: { now: start, versions, policy: readYaml(source).content } })
  }
  for (const tenant of [db.alpha, db.beta])
    for (const account of ['ann', 'bob', 'ops'])
      for (const patient of ['r3', 'r13', 'c1', 'c16'])
        await db.asSuperuser(
          `insert into throughline.access_glass (tenant_id, id, account, account_name, patient, reason, note, started_at, until, task)
           values ($1, $2, $3, 'x', $4, 'emergency', 'x', $5, $6, 'x')`,
          [
            tenant,
            `${account}-${patient}`,
            `glass-${account}`,
            `Patient/${patient}`,
            new Date(start),
            new Date(start + 3_600_000),
          ],
        )
})

const people: { actor: Actor; glass: string[] }[] = [
  ...(['ann', 'bob'] as const).flatMap((name) =>
    (['triage-nurse', 'physician', 'operations-lead'] as const).map((role) => ({
      actor: {
        kind: 'account' as const,
        id: `${name}-${role}`,
        name,
        reference: `Practitioner/${name}`,
        roles: [role],
      },
      glass: [],
    })),
  ),
  ...(['ann', 'bob'] as const).map((name) => ({
    actor: {
      kind: 'account' as const,
      id: `glass-${name}`,
      name,
      reference: `Practitioner/${name}`,
      roles: ['physician'],
    },
    glass: ['Patient/r3', 'Patient/r13', 'Patient/c1', 'Patient/c16'],
  })),
  {
    actor: { kind: 'account', id: 'glass-ops', name: 'ops', roles: ['operations-lead'] },
    glass: ['Patient/r3', 'Patient/r13', 'Patient/c1', 'Patient/c16'],
  },
  { actor: { kind: 'account', id: 'admin', name: 'admin', roles: ['administrator'] }, glass: [] },
  { actor: { kind: 'client', id: 'reader', name: 'reader', roles: ['client-read'] }, glass: [] },
  { actor: { kind: 'client', id: 'writer', name: 'writer', roles: ['client-write'] }, glass: [] },
]
const purposes = [undefined, 'research', 'emergency'] as const

interface Cell {
  name: string
  expected: boolean
  /** What the and-ed condition says in one piece. */
  told: boolean
  /** What the short condition says, which may only be true where the whole one is. */
  sure: boolean
  /** Which terms hold: for taking one rule away and looking again. */
  holding: { effect: 'permit' | 'deny'; rule: string }[]
}

async function cellsOf(
  tx: Tx,
  place: Place,
  person: (typeof people)[number],
  purpose: string | undefined,
  use: Use,
): Promise<Cell[]> {
  const context: CallContext = {
    ...house.context,
    tenant: place.tenant,
    actor: person.actor,
    ...(purpose === undefined ? {} : { purpose }),
  }
  const caller = await readCaller(tx, context, { policies: house.policies, shapes: createShapeReader() })
  if (!caller) throw new Error('everybody here is bound by the policy')
  const asker: Asker = { ...person.actor, kind: caller.kind, purpose: caller.purpose, glass: person.glass }
  const types = new Set([...place.world.versions.keys()].map((key) => key.split('/')[0] ?? ''))
  const cells: Cell[] = []
  for (const type of types) {
    const values: unknown[] = []
    const bind: Bind = (value, kind) => `$${values.push(value)}::${kind}`
    const compiler = new Compiler({ caller, tellers: house.guard.tellers, use, target: { type, id: 'r.id' } })
    const terms = compiler.terms()
    const columns = terms.map((term, index) => `(${compiler.write(term.sql, bind)}) as t${index}`)
    const short = compiler.surely()
    const rows = await tx.query<Record<string, boolean | string>>({
      text: `select r.id, (${short === undefined ? 'false' : compiler.write(short, bind)}) as sure, (${compiler.write(compiler.condition(), bind)}) as told${columns.map((one) => `, ${one}`).join('')}
             from fhir_resource r where r.tenant_id = current_tenant() and r.type = '${type}'`,
      values,
    })
    for (const row of rows) {
      const key = `${type}/${row['id']}`
      const versions = place.world.versions.get(key) ?? []
      const resource = versions.findLast((one) => one !== undefined)
      if (!resource) throw new Error(`the world has no ${key}`)
      cells.push({
        name: `${place.tenant}: ${person.actor.id} for ${asker.purpose} ${use} ${key}`,
        expected: mayOracle(place.world, asker, use, resource),
        told: row['told'] === true,
        sure: row['sure'] === true,
        holding: terms.filter((_term, index) => row[`t${index}`] === true),
      })
    }
  }
  return cells
}

let cells: Cell[]
beforeAll(async () => {
  cells = []
  // Every other person asks for each purpose; what a purpose does depends on nothing else of theirs.
  for (const place of places)
    for (const [index, person] of people.entries())
      for (const purpose of index % 2 === 0 ? purposes : purposes.slice(0, 1))
        for (const use of uses)
          cells.push(
            ...(await house.db.database.transaction(place.tenant, (tx) => cellsOf(tx, place, person, purpose, use))),
          )
}, 300_000)

test('every cell of tenants, roles, purposes, types, interactions and consents is what a naive reading says', () => {
  expect(cells.length).toBeGreaterThan(80_000)
  expect(cells.filter((cell) => cell.told !== cell.expected).map((cell) => `${cell.name}: ${cell.told}`)).toEqual([])
  expect(cells.filter((cell) => cell.sure && !cell.told).map((cell) => cell.name)).toEqual([])
  expect(cells.filter((cell) => cell.sure).length).toBeGreaterThan(1_000)
  // Neither answer is the exception.
  const open = cells.filter((cell) => cell.told).length
  expect(open / cells.length).toBeGreaterThan(0.1)
  expect(open / cells.length).toBeLessThan(0.9)
})

test('taking any one rule away, of the policy or of the house, opens or closes something that the naive reading does not', () => {
  const without = (cell: Cell, rule: string) => {
    const left = cell.holding.filter((one) => one.rule !== rule)
    return left.some((one) => one.effect === 'permit') && !left.some((one) => one.effect === 'deny')
  }
  expect(cells.filter((cell) => without(cell, 'no such rule') !== cell.told).map((cell) => cell.name)).toEqual([])
  const rules = [
    ...places.flatMap(({ tenant, world }) =>
      (world.policy.rules as { rule: string; effect: string }[])
        .filter(({ effect }) => effect !== 'hide')
        .map(({ rule }) => ({ tenant, rule })),
    ),
    { tenant: places[0]?.tenant ?? '', rule: 'consent' },
    { tenant: places[1]?.tenant ?? '', rule: 'consent-silent' },
    { tenant: places[0]?.tenant ?? '', rule: 'break-glass' },
  ]
  const unnoticed = rules.filter(
    ({ tenant, rule }) =>
      !cells.some((cell) => cell.name.startsWith(`${tenant}:`) && without(cell, rule) !== cell.expected),
  )
  expect(unnoticed).toEqual([])
})
