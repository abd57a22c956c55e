import type { Appointment, Patient, Resource, ServiceRequest, Task } from '@medplum/fhirtypes'
import { recordAccess } from '../../audit/index.ts'
import type { Tx } from '../../db/index.ts'
import { type CallContext, type Chance, type Clock, CodedError, type TenantId } from '../../kernel/index.ts'
import type { Level } from '../../release/index.ts'
import { actOnTask, outcomesOf } from '../../work/index.ts'
import type { House } from '../compose.ts'
import { referrers, staff } from './people.ts'

const hour = 3_600_000
const day = 24 * hour

interface Planned {
  at: number
  resource: Resource
}

/** What two people do with an automation until it answers within its bounds: one step, whenever its cases allow it. */
interface Climb {
  automation: string
  /** `pathway/step`: where it is asked. */
  step: string
  version: number
  level: Level
}

const ladder: readonly Level[] = ['off', 'shadow', 'recommend', 'assisted', 'bounded']
const alarming = ['Unexplained weight loss', 'New heart murmur', 'Abnormal mammogram']
const usual = ['Palpitations', 'Chronic knee pain', 'Persistent cough', 'Recurrent migraine']

/**
 * How the demonstration clinic lives with its automations, beside its other work and by a chance of its own: referrals
 * through the central intake, follow-up visits that some patients miss more than others, people who answer what they are
 * asked, and two leads who let an automation do more when its cases show that it may.
 */
export function demoAutomations(options: {
  house: House
  clock: Clock
  tenant: TenantId
  system: CallContext
  chance: Chance
  patients: readonly (Patient & { id: string })[]
}) {
  const { house, clock, tenant, system, chance, patients } = options
  const inTx = <T>(work: (tx: Tx) => Promise<T>) => house.database.transaction(tenant, work)
  const as = (id: string): CallContext => {
    const member = staff.find((one) => one.id === id)
    const { name = id, roles = [] } = member ?? {}
    return { ...system, actor: { kind: 'account', id, name, reference: `Practitioner/${id}`, roles } }
  }
  /** Who often cannot come, which nobody writes down anywhere. */
  const burdened = new Set(patients.filter(() => chance.happens(0.25)).map(({ id }) => id))
  const misses = (patient: Patient & { id: string }) =>
    chance.happens(
      0.04 +
        (patient.telecom?.some(({ system: kind }) => kind === 'phone') ? 0 : 0.45) +
        (burdened.has(patient.id) ? 0.5 : 0),
    )

  return {
    /** The pathways that ask the automations. */
    begin: () =>
      inTx(async (tx) => {
        for (const name of ['referral-triage', 'visit-reminder']) {
          const found = house.library.catalogue.find(({ file }) => file.endsWith(`/${name}.yaml`))
          await house.pathways.publish(tx, system, found?.source ?? '', 'Taken up from the catalogue')
        }
      }),

    /** What comes in from outside between two moments. */
    arrivals(start: number, until: number): Planned[] {
      const planned: Planned[] = []
      let referrals = 0
      let visits = 0
      for (let at = start; at < until; at += day) {
        const weekday = new Date(at).getUTCDay()
        if (weekday === 0 || weekday === 6) continue
        for (let n = 0; n < 2 + chance.below(2); n += 1) {
          referrals += 1
          planned.push({
            at: at + (13 + chance.below(7)) * hour,
            resource: intake(chance, referrals, chance.pick(patients).id),
          })
        }
        for (let n = 0; n < 7; n += 1) {
          visits += 1
          const patient = chance.pick(patients)
          const booked = at + (13 + chance.below(8)) * hour
          const starts = at + (3 + chance.below(9)) * day + (14 + chance.below(7)) * hour
          const appointment = followUp(visits, patient.id, booked, starts)
          planned.push({ at: booked, resource: appointment })
          const status = misses(patient) ? ('noshow' as const) : ('fulfilled' as const)
          planned.push({ at: starts + hour, resource: { ...appointment, status } })
        }
      }
      return planned.filter(({ at }) => at < until)
    },

    /** Everything that the automations and their pathways ask of people is done, by whoever has the role. */
    async work(): Promise<number> {
      const open = await inTx((tx) =>
        tx.query<{ id: string; role: string }>({
          text: 'select id, min(role) as role from work_queue where tenant_id = $1 group by id order by id',
          values: [tenant],
        }),
      )
      const tasks = await inTx((tx) =>
        house.record.readMany(
          tx,
          open.map(({ id }) => `Task/${id}`),
        ),
      )
      let done = 0
      for (const { id, role } of open) {
        const task = tasks.get(`Task/${id}`)
        if (task?.resourceType !== 'Task' || !isOurs(task)) continue
        const holders = staff.filter(({ roles }) => roles.includes(role))
        if (holders.length === 0) continue
        await answer(task, as(chance.pick(holders).id))
        done += 1
      }
      return done
    },

    /** Once a day: evidence where there is enough of it, two signatures, and the model once there is enough to learn from. */
    async govern(climbs: Climb[], daysIn: number): Promise<void> {
      const model = climbs.find(({ automation }) => automation === 'no-show-risk')
      if (model?.version === 1 && daysIn >= 42) {
        await refusalOf(async () => {
          const { version } = await inTx((tx) =>
            house.release.train(tx, as('demo-olga'), {
              automation: 'no-show-risk',
              days: 60,
              heldOutDays: 14,
              note: 'Fitted to the visits of six weeks',
            }),
          )
          Object.assign(model, { version, level: 'off' })
        })
      }
      for (const climb of climbs) {
        // The rule that it begins with gathers cases and does no more: what it touched would teach the model nothing.
        if (climb === model && climb.version === 1 && climb.level === 'shadow') continue
        await climbOnce(climb)
      }
    },
  }

  async function climbOnce(climb: Climb): Promise<void> {
    const { automation, version, level } = climb
    const to = ladder[ladder.indexOf(level) + 1]
    if (to === undefined) return
    const [olga, david] = [as('demo-olga'), as('demo-david')]
    const refused = await refusalOf(() =>
      inTx(async (tx) => {
        const made = await house.release.ladder.makeEvidence(tx, olga, {
          automation,
          version,
          scope: {},
          level,
          ...(level === 'off' ? { review: 'Read through with the people whose work it touches.' } : {}),
        })
        const asked = { automation, version, scope: {}, level: to, evidence: made.id, reason: 'Its cases allow it.' }
        const rise = await house.release.ladder.askRise(tx, olga, asked)
        await house.release.ladder.signRise(tx, olga, rise, 'technical')
        await house.release.ladder.signRise(tx, david, rise, 'clinical')
      }),
    )
    // Three days of the way it goes without, at the one step that asks: then it is known that cases reach people.
    if (refused === 'drill-missing')
      await refusalOf(() =>
        inTx((tx) =>
          house.release.startDrill(tx, olga, {
            automation,
            scope: { step: climb.step },
            minutes: 3 * 1_440,
            reason: 'Before it answers by itself.',
          }),
        ),
      )
    if (refused !== undefined) return
    climb.level = to
    // A fitted version answers from its second level on: until then the one before it does.
    if (version > 1 && to === 'recommend') await inTx((tx) => house.release.promote(tx, as('demo-olga'), automation))
  }

  async function answer(task: Task, context: CallContext): Promise<void> {
    await inTx(async (tx) => {
      const options = { mayManage: false, roles: [], routing: house.routing }
      const id = task.id ?? ''
      await actOnTask(tx, context, house.record, id, { do: 'claim' }, options)
      await actOnTask(tx, context, house.record, id, { do: 'start' }, options)
      const outcome = await judge(tx, task)
      await actOnTask(tx, context, house.record, id, { do: 'complete', outcome }, options)
      const entities = [`Task/${id}`, task.for?.reference ?? '']
      await recordAccess(tx, context, [{ action: 'U', code: 'work-complete', entities }])
    })
  }

  /** What a person makes of a question: mostly what the case is, now and then something else. */
  async function judge(tx: Tx, task: Task): Promise<string | undefined> {
    const codes = outcomesOf(task).map(({ code }) => code)
    const [, step] = task.code?.coding?.[0]?.code?.split('/') ?? []
    const about = await house.record.read(tx, task.focus?.reference ?? '')
    const slip = chance.happens(0.02)
    const either = (first: string, second: string, holds: boolean) => (holds === slip ? second : first)
    if (about?.resourceType === 'ServiceRequest') {
      const reason = about.reasonCode?.[0]?.text ?? ''
      if (step === 'completeness') return either('complete', 'incomplete', reason !== '')
      const age = await ageOf(tx, task.for?.reference ?? '')
      const soon = about.priority === 'urgent' || alarming.includes(reason) || age >= 85
      if (step === 'urgency') return either('soon', 'in-turn', soon)
    }
    const proposed = task.extension
      ?.find(({ url }) => url === 'urn:throughline:proposal')
      ?.extension?.find(({ url }) => url === 'code')?.valueCode
    if (proposed !== undefined) return slip ? codes.find((code) => code !== proposed) : proposed
    return codes.length === 0 ? undefined : chance.happens(0.8) ? codes[0] : chance.pick(codes)
  }

  async function ageOf(tx: Tx, patient: string): Promise<number> {
    const found = await house.record.read(tx, patient)
    const born = found?.resourceType === 'Patient' ? Number(found.birthDate?.slice(0, 4)) : Number.NaN
    return new Date(clock.now()).getUTCFullYear() - born
  }
}

const isOurs = ({ focus }: Task): boolean =>
  focus?.reference?.startsWith('Appointment/') === true ||
  focus?.reference?.startsWith('ServiceRequest/demo-intake-') === true

const ordinary = ['evidence-too-thin', 'evidence-against', 'training-too-thin', 'drill-missing', 'drill-running']

/** Why the release room does not do it yet; undefined when it has done it. Any other failure is a fault. */
async function refusalOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (error instanceof CodedError && ordinary.includes(error.code)) return error.code
    throw error
  }
}

function intake(chance: Chance, number: number, patient: string): ServiceRequest {
  const complete = chance.happens(0.85)
  return {
    resourceType: 'ServiceRequest',
    id: `demo-intake-${number}`,
    status: 'active',
    intent: 'order',
    priority: chance.happens(0.15) ? 'urgent' : 'routine',
    category: [{ coding: [{ system: 'urn:throughline:category', code: 'central-intake' }] }],
    code: { text: 'Internal medicine consultation' },
    subject: { reference: `Patient/${patient}` },
    requester: { reference: `Practitioner/${chance.pick(referrers).id}` },
    ...(complete ? { reasonCode: [{ text: chance.pick(chance.happens(0.3) ? alarming : usual) }] } : {}),
  }
}

const followUp = (number: number, patient: string, booked: number, starts: number): Appointment & { id: string } => ({
  resourceType: 'Appointment',
  id: `demo-visit-${number}`,
  status: 'booked',
  created: new Date(booked).toISOString(),
  start: new Date(starts).toISOString(),
  end: new Date(starts + hour / 2).toISOString(),
  participant: [{ actor: { reference: `Patient/${patient}` }, status: 'accepted' }],
})
