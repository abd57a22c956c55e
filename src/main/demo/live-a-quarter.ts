import type { Resource, ServiceRequest, Task } from '@medplum/fhirtypes'
import { recordAccess } from '../../audit/index.ts'
import { type CallContext, type Chance, createChance, type MovedClock, type TenantId } from '../../kernel/index.ts'
import { addDuration } from '../../pathways/index.ts'
import { actOnTask, outcomesOf } from '../../work/index.ts'
import type { House } from '../compose.ts'
import { demoAutomations } from './automations.ts'
import { makePatient, referrers, staff, type StaffMember } from './people.ts'
import { giveACall } from './give-a-call.ts'
import { answerRenewals, renewalsBetween } from './renew.ts'
import { fromOutside } from './waiting.ts'
import { renewals, workforce } from './workforce.ts'

const hour = 3_600_000
const day = 24 * hour

interface Planned {
  at: number
  resource: Resource
}

export interface Quarter {
  patients: number
  referrals: number
  renewals: number
  labOrders: number
  results: number
  visits: number
  noShows: number
  tasksDone: number
}

const reasons = [
  'Palpitations',
  'Chronic knee pain',
  'Unexplained weight loss',
  'Persistent cough',
  'New heart murmur',
  'Recurrent migraine',
  'Abnormal mammogram',
  'Suspected sleep apnoea',
]
const tests = ['Potassium', 'Haemoglobin A1c', 'Creatinine', 'TSH', 'Ferritin', 'INR']

/**
 * Three months of a small clinic, through the same record, engine, queues and messages as the live program; only the
 * clock is moved. What staff do is drawn by chance: some tasks wait, some referrals come incomplete, some visits are missed.
 */
export async function liveAQuarter(options: {
  house: House
  clock: MovedClock
  tenant: TenantId
  until: number
  seed: number
  progress(share: number): void
}): Promise<Quarter> {
  const { house, clock, tenant, until, seed, progress } = options
  const chance = createChance(seed)
  const { database, record } = house
  const counts: Quarter = {
    patients: 0,
    referrals: 0,
    renewals: 0,
    labOrders: 0,
    results: 0,
    visits: 0,
    noShows: 0,
    tasksDone: 0,
  }
  const system: CallContext = {
    tenant,
    actor: { kind: 'system', id: 'demo', name: 'Demonstration', roles: [] },
    clock,
    requestId: 'demo',
    locale: 'en',
  }
  const write = (resources: readonly Resource[], context = system) =>
    database.transaction(tenant, async (tx) => {
      const written = await record.write(
        tx,
        context,
        resources.map((resource) => ({
          interaction: 'update' as const,
          resource: { ...resource, id: resource.id ?? '' },
        })),
      )
      await recordAccess(tx, context, [
        { action: 'C', code: 'demo', entities: written.map((one) => `${one.resourceType}/${one.id}`) },
      ])
    })
  const start = clock.now()
  const patients = Array.from({ length: 140 }, (_none, index) => makePatient(chance, index + 1))
  counts.patients = patients.length
  const { resources, roster } = workforce(start, until)
  await write([...resources, ...referrers, ...patients])
  await database.transaction(tenant, async (tx) => {
    await record.write(tx, system, roster)
    const renewal = house.library.catalogue.find(({ file }) => file.endsWith('prescription-renewal.yaml'))
    await house.pathways.publish(tx, system, renewal?.source ?? '', 'Taken up from the catalogue')
  })
  // By a chance of their own: with or without them the rest of the clinic's quarter is the same.
  const renewing = createChance(seed + 1)
  const asked = renewalsBetween(
    renewing,
    patients.map(({ id }) => id),
    start,
    until,
  )

  const planned: Planned[] = []
  const plan = (at: number, resource: Resource) => {
    if (at < until) planned.push({ at, resource })
  }
  // Arrivals: working hours of each day, more on Mondays.
  for (let at = start; at < until; at += day) {
    const weekday = new Date(at).getUTCDay()
    if (weekday === 0 || weekday === 6) continue
    const busy = weekday === 1 ? 5 : 4
    for (let n = 0; n < 1 + chance.below(busy); n += 1) {
      counts.referrals += 1
      plan(at + chance.below(9) * hour, referral(chance, counts.referrals, chance.pick(patients).id))
    }
    for (let n = 0; n < chance.below(busy + 1); n += 1) {
      counts.labOrders += 1
      const order = labOrder(chance, counts.labOrders, chance.pick(patients).id)
      const ordered = at + chance.below(8) * hour
      plan(ordered, order)
      if (chance.happens(0.86)) {
        const late = chance.happens(0.12) ? 8 * day : 0
        plan(ordered + late + (8 + chance.below(60)) * hour, result(chance, counts.labOrders, order))
      }
    }
  }
  // The last day and a half, whatever weekday it is: what a nurse finds in the morning.
  for (let n = 0; n < 9; n += 1) {
    counts.referrals += 1
    const one = referral(chance, counts.referrals, chance.pick(patients).id)
    plan(until - (2 + chance.below(34)) * hour, n < 4 ? { ...one, priority: 'urgent' } : one)
  }
  // By a chance of their own, so that the rest of the clinic's quarter stays as it is without them.
  const automated = demoAutomations({ house, clock, tenant, system, chance: createChance(patients.length), patients })
  await automated.begin()
  const climbs = [
    ['referral-completeness', 'referral-triage/completeness'],
    ['referral-urgency', 'referral-triage/urgency'],
    ['no-show-risk', 'visit-reminder/risk'],
  ].map(([automation = '', step = '']) => ({ automation, step, version: 1, level: 'off' as const }))
  planned.push(...automated.arrivals(start, until))
  planned.sort((a, b) => a.at - b.at)

  const settle = async () => {
    for (;;) {
      const { events } = await house.runtime.drain(tenant)
      if (events + (await house.jobs.drain(tenant)) === 0) return
    }
  }

  const work = async (member: StaffMember): Promise<number> => {
    const context: CallContext = {
      ...system,
      actor: {
        kind: 'account',
        id: member.id,
        name: member.name,
        reference: `Practitioner/${member.id}`,
        roles: member.roles,
      },
    }
    const done = await database.transaction(tenant, async (tx) => {
      const rows = await tx.query<{ id: string }>({
        // A task that waits for several of a person's roles stands in each of their queues.
        text: `select id from work_queue q where tenant_id = $1 and role = any($2)
                 and not exists (select from work_need n where n.tenant_id = q.tenant_id and n.id = q.id)
               group by id order by min(rank), min(due), id limit 3`,
        values: [tenant, member.roles],
      })
      let finished = 0
      for (const { id } of rows) {
        // A person who is busy elsewhere leaves the rest for later.
        if (!chance.happens(0.42)) break
        const options = { mayManage: false, roles: [], routing: house.routing }
        const task = await actOnTask(tx, context, record, id, { do: 'claim' }, options)
        await actOnTask(tx, context, record, id, { do: 'start' }, options)
        const outcome = chooseOutcome(chance, task)
        await actOnTask(tx, context, record, id, { do: 'complete', outcome }, options)
        await recordAccess(tx, context, [
          { action: 'U', code: 'work-complete', entities: [`Task/${id}`, task.for?.reference ?? ''] },
        ])
        if (outcome === 'booked') planVisit(task)
        if (outcome === 'received') plan(clock.now() + hour, documents(task))
        finished += 1
      }
      return finished
    })
    return done
  }

  const planVisit = (task: Task) => {
    const at = addDuration(house.calendar, clock.now(), { amount: 4 + chance.below(8), unit: 'business days' })
    const basedOn = [{ reference: task.focus?.reference ?? '' }]
    const subject = { reference: task.for?.reference ?? '' }
    const id = `${task.id}-visit`
    const missed = chance.happens(0.14)
    if (at < until) counts[missed ? 'noShows' : 'visits'] += 1
    const appointment = {
      resourceType: 'Appointment' as const,
      id,
      start: new Date(at).toISOString(),
      end: new Date(at + hour / 2).toISOString(),
      basedOn,
      participant: [{ actor: subject, status: 'accepted' as const }],
    }
    planned.push({ at: clock.now(), resource: { ...appointment, status: 'booked' } })
    plan(
      at + hour,
      missed
        ? { ...appointment, status: 'noshow' }
        : {
            resourceType: 'Encounter',
            id: `${id}-seen`,
            status: 'finished',
            class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
            subject,
            basedOn,
            period: { start: new Date(at).toISOString(), end: new Date(at + hour / 2).toISOString() },
          },
    )
    if (!missed) plan(at + hour, { ...appointment, status: 'fulfilled' })
    planned.sort((a, b) => a.at - b.at)
  }

  const step = 2 * hour
  for (let at = start; at < until; at += step) {
    for (const [hourAsked, requests] of asked)
      if (hourAsked > at - step && hourAsked <= at) {
        clock.moveTo(hourAsked)
        counts.renewals += requests.length
        await write(requests)
        await house.runtime.drain(tenant)
      }
    clock.moveTo(at)
    const now = planned.findIndex((one) => one.at > at)
    const due = planned.splice(0, now < 0 ? planned.length : now)
    counts.results += due.filter((one) => one.resource.resourceType === 'Observation').length
    if (due.length > 0) await write(due.map((one) => one.resource))
    await settle()
    const local = new Date(at)
    const open =
      local.getUTCDay() !== 0 && local.getUTCDay() !== 6 && local.getUTCHours() >= 13 && local.getUTCHours() < 22
    if (open) {
      if (local.getUTCHours() < 15) await automated.govern(climbs, (at - start) / day)
      let worked = await automated.work()
      for (const member of staff) worked += await work(member)
      worked += await database.transaction(tenant, (tx) =>
        answerRenewals(tx, house, { context: system, chance: renewing, until }),
      )
      counts.tasksDone += worked
      if (worked > 0) await settle()
    }
    progress((at - start) / (until - start))
  }
  clock.moveTo(until)
  await write([...renewals(patients.map(({ id }) => id)), ...fromOutside(until)])
  await settle()
  await giveACall(house, { tenant, context: system, patient: patients[0]?.id ?? '' })
  await settle()
  progress(1)
  return counts
}

function referral(chance: Chance, number: number, patient: string): ServiceRequest {
  const complete = chance.happens(0.85)
  return {
    resourceType: 'ServiceRequest',
    id: `demo-referral-${number}`,
    status: 'active',
    intent: 'order',
    priority: chance.happens(0.2) ? 'urgent' : 'routine',
    category: [{ coding: [{ system: 'http://snomed.info/sct', code: '3457005', display: 'Patient referral' }] }],
    code: {
      text: chance.pick(['Cardiology consultation', 'Orthopaedics consultation', 'Internal medicine consultation']),
    },
    subject: { reference: `Patient/${patient}` },
    requester: { reference: `Practitioner/${chance.pick(referrers).id}` },
    ...(complete ? { reasonCode: [{ text: chance.pick(reasons) }] } : {}),
  }
}

function labOrder(chance: Chance, number: number, patient: string): ServiceRequest {
  return {
    resourceType: 'ServiceRequest',
    id: `demo-lab-${number}`,
    status: 'active',
    intent: 'order',
    priority: chance.happens(0.15) ? 'urgent' : 'routine',
    category: [{ coding: [{ system: 'http://snomed.info/sct', code: '108252007', display: 'Laboratory procedure' }] }],
    code: { text: chance.pick(tests) },
    subject: { reference: `Patient/${patient}` },
    requester: { reference: 'Practitioner/demo-mei', display: 'Dr. Mei Tanaka' },
  }
}

function result(chance: Chance, number: number, order: ServiceRequest): Resource {
  const code = chance.happens(0.03) ? 'HH' : chance.happens(0.16) ? chance.pick(['H', 'L']) : 'N'
  return {
    resourceType: 'Observation',
    id: `demo-result-${number}`,
    status: 'final',
    code: order.code ?? { text: 'Test' },
    subject: order.subject,
    basedOn: [{ reference: `ServiceRequest/${order.id}` }],
    interpretation: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code }] },
    ],
  }
}

const documents = (task: Task): Resource => ({
  resourceType: 'DocumentReference',
  id: `${task.id}-letter`,
  status: 'current',
  subject: { reference: task.for?.reference ?? '' },
  content: [{ attachment: { contentType: 'text/plain', title: 'Referral letter' } }],
})

function chooseOutcome(chance: Chance, task: Task): string | undefined {
  const codes = outcomesOf(task).map((outcome) => outcome.code)
  // The first outcome is the ordinary one.
  return codes.length === 0 ? undefined : chance.happens(0.86) ? codes[0] : chance.pick(codes)
}
