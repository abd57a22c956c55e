import type { Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accepted, begin, calendar, sourceOf, starting, surroundings } from '../../../testkit/pathway.ts'
import { Choices, type RandomPathway, randomPathway } from '../../../testkit/random-pathway.ts'
import {
  advance,
  catchUp,
  checkMapping,
  checkSource,
  type CompiledPathway,
  type JourneyEvent,
  type JourneyState,
  moveBack,
  planMove,
  proposeMapping,
  sayChange,
  sayReason,
} from '../index.ts'

const runs = Number(process.env['RUNS'] ?? 150)
const hour = 3_600_000
const day = 24 * hour

function sure(source: string, version: number): CompiledPathway {
  const pathway = accepted(source, version)
  if (!pathway)
    throw new Error(
      checkSource(source, surroundings)
        .findings.map((one) => `${one.path} ${one.message}`)
        .join('\n'),
    )
  return pathway
}

const started = (pathway: CompiledPathway): JourneyState =>
  advance(pathway, undefined, starting, { now: begin, calendar }).state

const done = (id: string, outcome: string, at: number): JourneyEvent => ({
  id: `${id} ${outcome} ${at}`,
  at,
  kind: 'change',
  change: {
    interaction: 'update',
    resource: {
      resourceType: 'Task',
      id,
      status: 'completed',
      intent: 'order',
      output: [{ type: { coding: [{ code: 'outcome' }] }, valueCode: outcome }],
    },
  },
})
const moving = (now: number) => ({ event: 'move/m1/j', now, calendar })
const task = (more: string) => `{task: {role: nurse, title: {en: Look, fr: Voir}, ${more}}}`

test('a task keeps its key and its clock while the new version words it otherwise; a new rung is set, none fires again', () => {
  const from = sure(sourceOf(`look: ${task("due: 10 h, escalate: [{at: '50 %', to: lead}]")}`), 1)
  const to = sure(
    sourceOf(
      `look: {task: {role: clerk, title: {en: Look well, fr: Bien voir}, due: 20 h, escalate: [{at: '50 %', to: lead}, {at: '90 %', to: lead}]}}`,
    ),
    2,
  )
  const state = catchUp(from, started(from), begin + 6 * hour, calendar).state
  const { mapping } = proposeMapping(from.definition, to.definition)
  const plan = planMove(from, to, state, mapping, moving(begin + 6 * hour))
  expect(plan.fate).toBe('now')
  expect(plan.moved?.state).toEqual({
    ...state,
    at: begin + 6 * hour,
    effects: 3,
    timers: {
      'look#1.2': { due: begin + 10 * hour, step: 'look', n: 1, does: 2 },
      'look#1.1': { due: begin + 9 * hour, step: 'look', n: 1, does: 1 },
    },
  })
  expect(plan.moved?.effects).toEqual([
    {
      key: 'j.3',
      step: 'look',
      n: 1,
      kind: 'revise',
      task: 'j.1',
      role: 'clerk',
      title: { en: 'Look well', fr: 'Bien voir' },
      description: undefined,
      due: begin + 10 * hour,
      outcomes: [],
      stage: null,
    },
  ])
  const saying = {
    from,
    to,
    roles: [{ id: 'clerk', title: { en: 'Clerk', fr: 'Commis' } }],
    locale: 'en',
    zone: 'UTC',
  } as const
  expect(plan.moved?.changes.map((change) => sayChange(change, saying))).toEqual([
    'Task “Look” goes from nurse to Clerk.',
    'Task “Look” gets the words of the new version: “Look well”.',
    'Timer “Look” stays at Sat, Oct 31, 1:00 a.m.',
    'Timer “Look well” is new, for Sat, Oct 31, 12:00 a.m.',
  ])
  // A person has it follow the new time: by as much as both differ, not from now.
  const follow = {
    ...mapping,
    steps: { look: { ...mapping.steps['look'], do: 'pair', to: 'look', times: 'follow', role: 'keep' } },
  } as typeof mapping
  const moved = planMove(from, to, state, follow, moving(begin + 6 * hour)).moved?.state
  expect(moved?.open['look']).toEqual({ key: 'j.1', n: 1, since: begin, due: begin + 20 * hour })
  expect(moved?.timers).toEqual({
    'look#1.2': { due: begin + 20 * hour, step: 'look', n: 1, does: 2 },
    'look#1.1': { due: begin + 18 * hour, step: 'look', n: 1, does: 1 },
  })
})

test('what has no counterpart is kept until done, withdrawn, or asked about; a renamed step is found again', () => {
  const first = sure(
    sourceOf(`
first: {task: {role: nurse, title: {en: Call the patient, fr: Appeler}, due: 1 days}}
old-way: {after: first, task: {role: clerk, title: {en: Stamp the paper, fr: Timbrer}, due: 1 days}}
last: {after: old-way, task: {role: lead, title: {en: Sign, fr: Signer}, due: 1 days}}`),
    1,
  )
  const second = sure(
    sourceOf(`
call: {task: {role: nurse, title: {en: Call the patient today, fr: Appeler}, due: 1 days}}
scan: {after: call, form: {questionnaire: 'urn:form:check', title: {en: Scan, fr: Numériser}, role: clerk, due: 1 days}}
last: {after: scan, task: {role: lead, title: {en: Sign, fr: Signer}, due: 1 days}}`),
    2,
  )
  const { mapping, pairs } = proposeMapping(first.definition, second.definition)
  expect(mapping.steps).toEqual({
    first: { do: 'pair', to: 'call', times: 'keep', role: 'follow' },
    'old-way': { do: 'keep' },
    last: { do: 'pair', to: 'last', times: 'keep', role: 'follow' },
  })
  expect(pairs.find((pair) => pair.from === 'first')?.because.en).toContain('the title')
  const now = begin + hour
  const state = advance(first, started(first), done('j.1', 'done', now), { now, calendar }).state
  expect(Object.keys(state.open)).toEqual(['old-way'])
  expect(planMove(first, second, state, mapping, moving(now))).toEqual({
    fate: 'later',
    reasons: [{ code: 'no-counterpart-kept', step: 'old-way' }],
    moved: undefined,
  })
  const asking = { ...mapping, steps: { ...mapping.steps, 'old-way': { do: 'ask' as const } } }
  expect(planMove(first, second, state, asking, moving(now)).fate).toBe('ask')
  expect(planMove(first, second, state, asking, moving(now), 'keep').fate).toBe('keep')
  const plan = planMove(first, second, state, asking, moving(now), 'move')
  expect(plan.fate).toBe('now')
  expect(plan.moved?.effects.map(({ key, kind, step }) => ({ key, kind, step }))).toEqual([
    { key: 'j.3', kind: 'cancel', step: 'old-way' },
    { key: 'j.4', kind: 'task', step: 'scan' },
  ])
  expect(plan.moved?.log.map((line) => `${line.kind} ${line.step}`)).toEqual([
    'withdrawn old-way',
    'moved null',
    'opened scan',
  ])
  // Under the old version until the old way has been gone; then with what follows by the new one.
  const after = advance(first, state, done('j.2', 'done', now + 1), { now: now + 1, calendar }).state
  const late = planMove(first, second, after, mapping, moving(now + 1))
  expect(late.fate).toBe('now')
  expect(Object.keys(late.moved?.state.open ?? {})).toEqual(['last'])
  expect(late.moved?.state.past).toMatchObject({ call: { n: 1, outcome: 'done' }, scan: { n: 1, outcome: null } })
  expect(late.moved?.changes.filter((one) => one.change === 'passed')).toHaveLength(1)
})

test('a move that would end the journey, or leave nothing to follow, is not done without a person', () => {
  const from = sure(
    sourceOf(
      `look: ${task('due: 1 days')}\nafter: {after: look, task: {role: lead, title: {en: A, fr: A}, due: 1 days}}`,
    ),
    1,
  )
  const to = sure(
    sourceOf(
      `sure: {decide: {rules: [{when: 'priority == "stat"', gives: now}], otherwise: later}}\nafter: {after: sure.now, task: {role: lead, title: {en: A, fr: A}, due: 1 days}}`,
    ),
    2,
  )
  const { mapping } = proposeMapping(from.definition, to.definition)
  const withdrawing = { ...mapping, steps: { ...mapping.steps, look: { do: 'withdraw' as const } } }
  const plan = planMove(from, to, started(from), withdrawing, moving(begin))
  expect(plan).toMatchObject({ fate: 'ask', reasons: [{ code: 'would-end' }] })
  const saying = { from, to, roles: [], locale: 'fr', zone: 'UTC' } as const
  expect(plan.reasons.map((reason) => sayReason(reason, saying))).toEqual([
    'Le changement terminerait le parcours : il ne resterait rien à faire.',
  ])
})

test('a mapping of names that do not exist, or of steps that ask for other things, is refused with the place of each fault', () => {
  const from = sure(sourceOf(`look: ${task('due: 1 days')}\nthen: {after: look, wait: {for: 1 days}}`), 1)
  const { mapping } = proposeMapping(from.definition, from.definition)
  expect(checkMapping(from.definition, from.definition, mapping)).toEqual([])
  expect(
    checkMapping(from.definition, from.definition, {
      ...mapping,
      steps: { look: { do: 'pair', to: 'then', times: 'keep', role: 'follow' }, gone: { do: 'ask' } },
      stages: { one: 'two' },
    }).map(({ code, path }) => `${code} ${path}`),
  ).toEqual([
    'unlike-steps steps.look.to',
    'unknown-step steps.gone',
    'step-left-out steps.then',
    'unknown-stage stages.one',
  ])
})

/** What the world may do next to a journey that stands as it stands. */
function nextEvent(
  random: RandomPathway,
  pathway: CompiledPathway,
  state: JourneyState,
  choices: Choices,
  at: number,
  id: string,
): JourneyEvent {
  const change = (resource: unknown): JourneyEvent => ({
    id,
    at,
    kind: 'change',
    change: { interaction: 'update', resource: resource as Resource },
  })
  const news = [
    {
      resourceType: 'Appointment',
      id: 'visit',
      status: 'booked',
      participant: [],
      start: new Date(begin + choices.below(60) * day).toISOString(),
    },
    { resourceType: 'Condition', id },
    { resourceType: 'Flag', id },
    { resourceType: 'Encounter', id },
    { resourceType: 'Goal', id },
    { resourceType: 'Observation', id, status: 'final', code: {}, valueInteger: choices.below(7) },
  ] as const
  const names = Object.keys(state.open)
  const name = names[choices.below(Math.max(1, names.length))]
  const open = name === undefined ? undefined : state.open[name]
  const kind = name === undefined ? undefined : pathway.steps[name]?.kind
  if (!open || name === undefined || kind === 'wait' || choices.once(5)) return change(choices.of(news))
  const outcome = choices.of(['yes', 'many', ...(random.outcomes[name] ?? [])])
  if (kind === 'start') return { id, at, kind: 'child', key: open.key, outcome: choices.of(['well', 'unwell']) }
  const type =
    kind === 'message' && open.fallback === undefined
      ? 'Communication'
      : kind === 'appointment'
        ? 'Appointment'
        : kind === 'order'
          ? 'ServiceRequest'
          : 'Task'
  const status =
    type === 'Communication'
      ? choices.of(['completed', 'stopped'])
      : type === 'Appointment'
        ? choices.of(['booked', 'cancelled'])
        : type === 'ServiceRequest'
          ? 'revoked'
          : 'completed'
  return change({
    resourceType: type,
    id: open.key,
    status,
    output: [{ type: { coding: [{ code: 'outcome' }] }, valueCode: outcome }],
  })
}

/** The pathway as somebody may change it: steps renamed, taken away, added, given other times. */
function edited(random: RandomPathway, choices: Choices): RandomPathway {
  const text = JSON.stringify(random)
  const copy = JSON.parse(text) as RandomPathway
  const { steps } = copy.definition.tracks['main'] ?? { steps: {} }
  for (const [name, step] of Object.entries(steps)) {
    const work = step['task'] as Record<string, unknown> | undefined
    switch (choices.below(8)) {
      case 0:
        delete steps[name]
        break
      case 1:
        if (work) work['due'] = choices.of(['30 min', '2 days', '3 business days'])
        break
      case 2:
        if (work) work['role'] = 'clerk'
        break
      case 3:
        if (work) work['title'] = { en: `T ${name}`, fr: 'T' }
        break
      case 4:
        delete step['repeat']
        break
      case 5: {
        const fresh = `x-${name}`
        steps[fresh] = { after: name, task: { role: 'nurse', title: { en: 'X', fr: 'X' }, due: '1 days' } }
        copy.outcomes[fresh] = ['done']
        break
      }
      default:
    }
  }
  const left = new Set(Object.values(copy.definition.tracks).flatMap((track) => Object.keys(track.steps)))
  const keep = (text: unknown) => typeof text === 'string' && left.has(text.split('.')[0] ?? '')
  for (const track of Object.values(copy.definition.tracks))
    for (const step of Object.values(track.steps)) {
      const { after } = step as { after?: unknown }
      if (typeof after === 'string' && !keep(after)) delete step['after']
      else if (Array.isArray(after)) step['after'] = after.filter(keep)
      else if (typeof after === 'object' && after !== null) {
        const lists = after as Record<string, unknown>
        const key = 'any' in lists ? 'any' : 'of'
        const list = (lists[key] as unknown[]).filter(keep)
        step['after'] = {
          ...lists,
          [key]: list,
          ...(key === 'of' ? { 'at-least': Math.min(Number(lists['at-least']), list.length) } : {}),
        }
        if (list.length === 0) delete step['after']
      }
      if (Array.isArray(step['after']) && step['after'].length === 0) delete step['after']
    }
  const renamed = [...left].filter(() => choices.once(5))
  let out = JSON.stringify(copy)
  for (const name of renamed) out = out.replaceAll(`"${name}"`, `"r-${name}"`).replaceAll(`"${name}.`, `"r-${name}.`)
  return JSON.parse(out) as RandomPathway
}

const clocksOf = (state: JourneyState) => ({ ...state.timers, ...state.paused?.timers })

test('whatever journey is moved between whatever versions: no clock is lost or starts again, nothing done is done again, no key comes twice, it can go on, and back is as it was', {
  timeout: 240_000,
}, () => {
  const fates = new Map<string, number>()
  fc.assert(
    fc.property(
      fc.array(fc.nat(10_000), { minLength: 40, maxLength: 160 }),
      fc.array(fc.nat(10_000), { minLength: 20, maxLength: 120 }),
      fc.array(fc.nat(10_000), { minLength: 60, maxLength: 120 }),
      (plan, list, after) => {
        const random = randomPathway(plan)
        const choices = new Choices(after)
        const other = edited(random, choices)
        const from = accepted(JSON.stringify(random.definition), 1)
        const to = accepted(JSON.stringify(other.definition), 2)
        fc.pre(from !== undefined && to !== undefined)
        if (!from || !to) return
        const { mapping } = proposeMapping(from.definition, to.definition)
        for (const [name, choice] of Object.entries(mapping.steps)) {
          if (choice.do === 'pair' && choices.once(2)) choice.times = 'follow'
          if (choice.do === 'keep' && choices.once(2) && from.steps[name]?.kind !== 'start')
            mapping.steps[name] = { do: 'withdraw' }
        }
        expect(checkMapping(from.definition, to.definition, mapping)).toEqual([])
        const events = new Choices(list)
        let state = started(from)
        let now = begin
        for (let n = 0; n < list.length / 6 && state.status === 'active'; n += 1) {
          now += events.of([0, 60_000, hour, day, 3 * day])
          state = catchUp(from, state, now + 1, calendar).state
          const event = nextEvent(random, from, state, events, now, `e${n}`)
          state = advance(from, state, event, { now, calendar }).state
        }
        state = catchUp(from, state, now + 1, calendar).state
        const before = JSON.stringify(state)
        const planned = planMove(from, to, state, mapping, moving(now))
        fates.set(planned.fate, (fates.get(planned.fate) ?? 0) + 1)
        expect(JSON.stringify(state)).toBe(before)
        expect(planMove(from, to, JSON.parse(before), mapping, moving(now))).toEqual(planned)
        const { moved } = planned
        if (planned.fate !== 'now' || !moved) return
        // Keys go on from where they were.
        expect(moved.effects.map(({ key }) => key)).toEqual(
          moved.effects.map((_one, n) => `j.${state.effects + n + 1}`),
        )
        expect(moved.state.effects).toBe(state.effects + moved.effects.length)
        // Every clock is told of, and each stands where it is said to stand.
        const [old, fresh] = [clocksOf(state), clocksOf(moved.state)]
        const told = moved.changes.filter(({ what }) => what === 'timer')
        expect(
          told
            .filter(({ change }) => change !== 'created')
            .map(({ key, before: due }) => `${key} ${due}`)
            .toSorted(),
        ).toEqual(
          Object.entries(old)
            .map(([key, { due }]) => `${key} ${due}`)
            .toSorted(),
        )
        expect(told.flatMap(({ after: due }) => (due === null ? [] : [due])).toSorted()).toEqual(
          Object.values(fresh)
            .map(({ due }) => due)
            .toSorted(),
        )
        for (const one of told) {
          if (one.change === 'kept') expect(one.after).toBe(one.before)
          else expect(one.why).not.toBeNull()
          const choice = one.step === null ? undefined : mapping.steps[one.step]
          if (one.change === 'due-moved') expect(choice).toMatchObject({ do: 'pair', times: 'follow' })
        }
        // What was begun is not begun again, and what was asked is not asked again.
        const asks = new Set(
          moved.effects.filter(({ kind }) => !['cancel', 'revise', 'settle'].includes(kind)).map(({ step }) => step),
        )
        for (const [name, choice] of Object.entries(mapping.steps))
          if (choice.do === 'pair' && (state.past[name]?.n ?? 0) + (state.open[name]?.n ?? 0) > 0)
            expect(asks.has(choice.to)).toBe(false)
        for (const [name, choice] of Object.entries(mapping.steps))
          if (choice.do === 'pair' && state.past[name]?.outcome !== undefined && !state.open[name])
            expect(moved.state.past[choice.to]?.n).toBe(state.past[name]?.n)
        // Back is as it was, but for the count of keys.
        expect(moveBack(state, moved.state)).toEqual({ ...state, effects: moved.state.effects })
        // It goes on: whatever happens, it has something open that a person, a machine or the clock can still do.
        const keys = new Set(moved.effects.map(({ key }) => key))
        let on = moved.state
        for (let n = 0; n < 20 && on.status === 'active'; n += 1) {
          now += events.of([hour, day, 3 * day])
          for (const step of [catchUp(to, on, now, calendar), undefined]) {
            const next =
              step ?? advance(to, on, nextEvent(other, to, on, choices, now, `after ${n}`), { now, calendar })
            for (const { key } of next.effects) {
              expect(keys.has(key)).toBe(false)
              keys.add(key)
            }
            on = next.state
            if (on.status !== 'active' || on.paused?.by === null) continue
            const clocks = clocksOf(on)
            expect(Object.keys(on.open).length + Object.keys(clocks).length).toBeGreaterThan(0)
            for (const name of Object.keys(on.repeats ?? {}))
              expect(on.open[name] !== undefined || Object.values(clocks).some((timer) => timer.step === name)).toBe(
                true,
              )
            for (const [name, { key }] of Object.entries(on.open))
              if (to.steps[name]?.kind === 'wait')
                expect(Object.values(clocks).map((timer) => timer.step)).toContain(name)
              else expect(key).not.toBe('')
          }
        }
      },
    ),
    { numRuns: runs, maxSkipsPerRun: 100 },
  )
  // The law is held against moves that were made, not only against those that were not.
  expect(fates.get('now') ?? 0).toBeGreaterThan(runs / 5)
})
