import type { ServiceRequest, Task } from '@medplum/fhirtypes'
import type { Tx } from '../src/db/index.ts'
import { type Level, levels } from '../src/release/index.ts'
import { actOnTask } from '../src/work/index.ts'
import { referral, type TestHouse } from './house.ts'

/** An automation for tests: urgent referrals soon, all others routine, which alone it may answer by itself. */
export const urgency = `automation: urgency
title: {en: Urgency, fr: Urgence}
intended-use: {en: For tests, fr: Pour les essais}
owner: operations-lead
clinical-owner: clinical-director
inputs:
  priority: {type: string, on: ServiceRequest, path: priority, required: false}
  age: {type: int, on: Patient, path: birthDate, as: years, required: false}
answers:
  - {code: soon, title: {en: Soon, fr: Bientôt}}
  - {code: routine, title: {en: Routine, fr: Régulier}}
bounds: [routine]
place: {on: ServiceRequest, site: locationReference.first().reference}
proves: {cases: 5, agreement: 0.5}
fallback: {role: triage-nurse, title: {en: How urgent is it?, fr: Est-ce urgent ?}, due: 120}
rules:
  rules: [{when: priority == 'urgent', gives: soon, confidence: 0.9}]
  otherwise: {gives: routine, confidence: 0.8}
`

const pathway = `pathway: urgency-probe
title: {en: Probe, fr: Sonde}
owner: operations-lead
starts: [{on: ServiceRequest, when: status = 'active'}]
stages: [{id: one, title: {en: One, fr: Un}}]
tracks:
  main:
    steps:
      level: {stage: one, decide: {automation: urgency, gives: [soon, routine], otherwise: routine, at-most: 30 days}}
      fast: {after: level.soon, end: {outcome: soon, title: {en: Soon, fr: Bientôt}}}
      slow: {after: level.routine, end: {outcome: routine, title: {en: Routine, fr: Régulier}}}
`

export interface DecisionRow {
  id: string
  status: string
  handed: string | null
  level: string | null
  answer: string | null
  disposition: string | null
  note: string | null
  touched_at: Date | null
}

/** What tests of automations do again and again. */
export function useAutomations(house: TestHouse) {
  const inAlpha = <T>(work: (tx: Tx) => Promise<T>) => house.database.transaction(house.alpha, work)
  const decisionOf = (trigger: string) =>
    inAlpha(async (tx) => {
      const [row] = await tx.query<{ id: string }>({
        text: 'select id from automation_decision where tenant_id = $1 and trigger = $2',
        values: [tx.tenant, `ServiceRequest/${trigger}`],
      })
      return row?.id ?? ''
    })
  const signer = (id: string) => ({ ...house.context, actor: { ...house.context.actor, id, name: id } })
  /** One level up, as people do it: evidence, a request, two signatures. */
  const rise = async (to: Level, scope = {}) => {
    const { ladder } = house.release
    await inAlpha(async (tx) => {
      const evidence = await ladder.makeEvidence(tx, signer('theo'), {
        automation: 'urgency',
        version: 1,
        scope,
        level: levels[levels.indexOf(to) - 1] ?? 'off',
        review: 'Read through with the triage nurses.',
      })
      const id = await ladder.askRise(tx, signer('theo'), {
        automation: 'urgency',
        version: 1,
        scope,
        level: to,
        evidence: evidence.id,
        reason: 'It does well.',
      })
      await ladder.signRise(tx, signer('clara'), id, 'clinical')
      await ladder.signRise(tx, signer('theo'), id, 'technical')
    })
  }
  return {
    inAlpha,
    rise,
    signer,
    async publish() {
      await inAlpha((tx) => house.release.automations.publish(tx, house.context, urgency, 'First'))
      await inAlpha((tx) => house.pathways.publish(tx, house.context, pathway, 'First'))
    },
    /** A level past the ladder, where a test is about something else. */
    standing: (level: Level, scope = {}, version = 1) =>
      house.db.asSuperuser(
        `insert into throughline.automation_standing (tenant_id, automation, version, scope, level, since) values ('alpha', 'urgency', $3, $2, $1, $4)
         on conflict (tenant_id, automation, version, scope) do update set level = excluded.level`,
        [level, JSON.stringify(scope), version, new Date(house.clock.now())],
      ),
    /** A referral comes in and everything that follows is done; gives the decision's id. */
    async refer(id: string, more: Partial<ServiceRequest> = {}, meanwhile?: () => Promise<void>): Promise<string> {
      await inAlpha((tx) =>
        house.record.write(tx, house.context, [
          { interaction: 'update', resource: { resourceType: 'Patient', id: `${id}-patient` } },
          { interaction: 'update', resource: referral(id, more) },
        ]),
      )
      await meanwhile?.()
      await house.settle()
      return decisionOf(id)
    },
    task: (id: string) => inAlpha(async (tx) => (await house.record.read(tx, `Task/${id}`)) as Task),
    /** A nurse takes the task and completes it. */
    async answer(id: string, outcome: string, note?: string) {
      const context = house.as({ id: 'nurse', name: 'Nurse', reference: 'Practitioner/nurse', roles: ['triage-nurse'] })
      const act = (action: Parameters<typeof actOnTask>[4]) =>
        inAlpha((tx) =>
          actOnTask(tx, context, house.record, id, action, { mayManage: false, roles: [], routing: house.routing }),
        )
      await act({ do: 'claim' })
      house.clock.advance(45_000)
      await act({ do: 'complete', outcome, note })
      await house.settle()
    },
    decision: (id: string) =>
      inAlpha(async (tx) => {
        const [row] = await tx.query<DecisionRow>({
          text: 'select * from automation_decision where tenant_id = $1 and id = $2',
          values: [tx.tenant, id],
        })
        return row
      }),
    stop: (reason: string, knownGoodAt?: number, scope = {}) =>
      inAlpha((tx) =>
        house.release.stop(tx, house.as({ id: 'nurse', name: 'Nurse' }), {
          automation: 'urgency',
          scope,
          to: 'shadow',
          cause: 'person',
          reason,
          knownGoodAt,
        }),
      ),
  }
}
