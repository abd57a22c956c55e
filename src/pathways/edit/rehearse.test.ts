import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { calendar, table } from '../../../testkit/pathway.ts'
import { compile, parse, readScenario, runScenario, startFor } from '../index.ts'
import { matches } from '../compile.ts'
import { clockText, nextTimer, rehearse, type ScenarioLine, scenarioOf } from './rehearse.ts'
import { sampleResource } from './sample-resource.ts'

const library = new URL('../../../library/', import.meta.url).pathname
const sources = ['pathways', 'catalogue'].flatMap((folder) =>
  readdirSync(`${library}${folder}`).map((file) => readFileSync(`${library}${folder}/${file}`, 'utf8')),
)
const compiled = (source: string) => {
  const { definition } = parse(source)
  if (!definition) throw new Error('not readable')
  return compile(definition, 1, table).pathway
}
const pathways = sources.map(compiled)
const about = { subject: 'Patient/p1', trigger: 'ServiceRequest/r1', key: 'r1', id: 'r1' }

test.each(pathways.map((pathway) => [pathway.id, pathway] as const))(
  'a made-up case of %s starts it',
  (_id, pathway) => {
    const [start] = pathway.definition.starts
    if (!start) return
    const resource = sampleResource(start, table, about)
    expect(startFor(pathway, { interaction: 'create', resource: resource as never }, 'Patient/p1')).toBeDefined()
  },
)

test('made-up news of the referral’s waits and stops is taken by them', () => {
  const referral = pathways.find((one) => one.id === 'referral-intake')
  const visit = referral?.steps['visit']
  const definition = visit?.step.wait
  if (!referral || !visit || !definition || !('events' in definition)) throw new Error('no visit')
  for (const event of visit.events) {
    const trigger = definition.events[event.name]
    if (trigger) expect(matches(event, sampleResource(trigger, table, about) as never, { ...about })).toBe(true)
  }
  const [stop] = referral.stops
  const [written] = referral.definition.stops ?? []
  if (!stop || !written) throw new Error('no stop')
  expect(matches(stop, sampleResource(written, table, about) as never, { ...about })).toBe(true)
})

test('a case that was played is a scenario that passes, and goes to the moments at which something is due', () => {
  const lab = pathways.find((one) => one.id === 'lab-follow-up')
  const start = lab?.definition.starts[0]
  if (!lab || !start) throw new Error('no lab')
  const lines: ScenarioLine[] = [{ record: sampleResource(start, table, about) }]
  let played = rehearse(lab, lines, calendar)
  expect(Object.keys(played.report.state?.open ?? {})).toEqual(['result'])
  const due = nextTimer(played)
  if (due === undefined) throw new Error('nothing is due')
  expect(clockText(calendar, due)).toBe('2026-03-09 09:00')
  lines.push({ at: clockText(calendar, due) })
  played = rehearse(lab, lines, calendar)
  expect(Object.keys(played.report.state?.open ?? {})).toEqual(['find-result'])
  expect(played.now).toBe(due)
  lines.push({ complete: 'find-result', with: 'not-done' })
  const scenario = scenarioOf(lab, { name: 'not done', lines }, calendar)
  const report = runScenario(lab, readScenario(JSON.stringify(scenario)), calendar)
  expect(report.failures).toEqual([])
  expect(scenario.lines.at(-1)).toEqual({
    expect: { status: 'active', open: ['remind-patient'], stage: 'overdue', missed: ['result'] },
  })
})
