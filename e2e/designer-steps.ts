import { expect, test } from 'vitest'
import { afterLines, type Bench, patient, referred } from './designer-bench.ts'

const long = { timeout: 120_000 }
/** The laboratory's answer to the referral of a scenario. */
const resulted = (source: string) =>
  `record: {resourceType: Observation, id: blood, status: final, code: {}, basedOn: [{reference: ServiceRequest/${/ServiceRequest, id: (\w+)/.exec(source)?.[1]}}]}\n`

/** Ordinary changes of what is done, by whom and when: each made in the designer, reviewed, set live, and seen in a scenario. */
export function stepTests(benchOf: () => Bench): void {
  test('a due time is moved', long, async () => {
    const bench = benchOf()
    await bench.begin('referral-intake')
    await bench.choose('triage')
    await bench.form().getByLabel('Otherwise, due within', { exact: true }).fill('1')
    await bench.scenario(`${referred()}    expect: {due: {triage: 2026-03-03 09:00}}\n`)
    await bench.publish('Triage within one business day')
  })

  test('another role does a step, which the played case tells', long, async () => {
    const bench = benchOf()
    await bench.begin('referral-intake')
    await bench.choose('book')
    await bench.form().getByLabel('Who', { exact: true }).selectOption({ label: 'Care coordinator' })
    await bench.tab('Try out')
    const preview = bench.page.getByTestId('preview')
    await preview.getByRole('button', { name: 'Begin a case' }).click()
    await preview.getByRole('button', { name: 'Accept' }).click()
    await preview.getByTestId('preview-log').getByText('given to Care coordinator').waitFor(patient)
    await preview.getByLabel('Name of the scenario').fill('A care coordinator books')
    await preview.getByRole('button', { name: 'Save as a scenario' }).click()
    await bench.tab('Scenarios')
    const own = bench.page.getByTestId('scenario').filter({ hasText: 'A care coordinator books' })
    await expect.poll(() => own.getAttribute('data-ok'), patient).toBe('true')
    await bench.publish('Care coordinators book first visits')
  })

  test('an escalation is added', long, async () => {
    const bench = benchOf()
    await bench.begin('referral-intake')
    await bench.choose('book')
    const form = bench.form()
    await form.getByText('Tell somebody').click()
    await form.getByLabel('Rung 2: share of the time').fill('150')
    await form.getByLabel('Rung 2: who is told').selectOption({ label: 'Clinical director' })
    await bench.scenario(
      `${referred()}  - complete: triage\n    with: accept\n  - at: +6 business days\n    expect: {escalated: {book: [operations-lead, clinical-director]}}\n`,
    )
    await bench.publish('The director hears of bookings that are very late')
  })

  test('a step waits for a laboratory result', long, async () => {
    const bench = benchOf()
    const { page } = bench
    await bench.begin('referral-intake')
    await page.getByTestId('node-triage').waitFor(patient)
    await bench.choose('ask-for-visit')
    await bench.form().getByLabel('What follows').waitFor(patient)
    await bench.choose('triage')
    await page.getByRole('button', { name: 'Add a step', exact: true }).click()
    await bench.fillAdd('wait', { en: 'Wait for the blood test', fr: 'Attendre l’analyse de sang' })
    const form = bench.form()
    await form.getByLabel('Which end of “Triage the referral”').selectOption({ label: 'Accept' })
    await form.getByLabel('It waits', { exact: true }).selectOption('events')
    await form.getByLabel('At the latest after', { exact: true }).fill('10')
    // What followed the acceptance follows the wait now.
    await bench.choose('ask-for-visit')
    await form.getByText('Let it follow another step').click()
    await form.getByLabel('Let it follow another step').selectOption({ label: 'Wait for the blood test' })
    await form.getByRole('button', { name: 'Do not follow “Triage the referral”' }).click()
    await bench.scenario(
      `${referred()}  - complete: triage\n    with: accept\n    expect: {open: [wait-for-the-blood-test]}\n  - record: {resourceType: Observation, id: o1, status: final, code: {}, basedOn: [{reference: ServiceRequest/r1}]}\n    expect: {open: [book]}\n`,
      // Those that are accepted have the test, then go on as they did.
      { byHand: (source) => afterLines(/complete: triage\s+with: accept/, resulted(source))(source) },
    )
    await bench.publish('A blood test before the visit is booked')
  })

  test('a second person approves', long, async () => {
    const bench = benchOf()
    await bench.begin('lab-follow-up')
    await bench.choose('acknowledge')
    await bench.form().getByRole('button', { name: 'Second approver' }).click()
    const dialog = bench.page.getByRole('dialog')
    await dialog.getByLabel('Role').selectOption({ label: 'Clinical director' })
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    const head =
      "  - at: 2026-03-02 09:00\n    record: {resourceType: ServiceRequest, id: l1, status: active, intent: order, category: [{coding: [{code: '108252007'}]}], subject: {reference: Patient/p1}}\n"
    await bench.scenario(
      `${head}  - record: {resourceType: Observation, id: o1, status: final, code: {}, basedOn: [{reference: ServiceRequest/l1}], interpretation: [{coding: [{code: H}]}]}\n  - complete: acknowledge\n    with: tell-patient\n    expect: {open: [second-acknowledge]}\n  - complete: second-acknowledge\n    with: tell-patient\n    expect: {open: [tell-patient]}\n`,
      {
        byHand: afterLines(
          /^complete: acknowledge\s+with: tell-patient/,
          'complete: second-acknowledge\n    with: tell-patient\n',
        ),
      },
    )
    await bench.publish('Two people look at an abnormal result')
  })

  test('a check comes weekly for six weeks', long, async () => {
    const bench = benchOf()
    const { page } = bench
    await bench.begin('lab-follow-up')
    await page.getByText('Add a track').click()
    const track = page.getByTestId('track-form')
    await track.getByLabel('Title · EN').fill('Weekly check')
    await track.getByLabel('Title · FR').fill('Vérification hebdomadaire')
    await page.getByRole('button', { name: 'Add a step', exact: true }).click()
    await bench.fillAdd('task', { en: 'Weekly check', fr: 'Vérification' })
    const form = bench.form()
    await form.getByLabel('Who', { exact: true }).selectOption({ label: 'Care coordinator' })
    await form.getByText('Tell somebody').click()
    await form.getByLabel('Comes again').check()
    await expect.poll(() => form.getByLabel('Times').inputValue(), patient).toBe('6')
    await bench.scenario(
      "  - at: 2026-03-02 09:00\n    record: {resourceType: ServiceRequest, id: l1, status: active, intent: order, category: [{coding: [{code: '108252007'}]}], subject: {reference: Patient/p1}}\n    expect: {open: [result, weekly-check]}\n  - complete: weekly-check\n    expect: {open: [result]}\n  - at: 2026-03-09 09:00\n  - complete: weekly-check\n  - at: 2026-03-16 09:00\n    expect: {due: {weekly-check: 2026-03-18 09:00}}\n",
    )
    await bench.publish('Somebody looks once a week')
  })

  test('a repeated check skips weekends', long, async () => {
    const bench = benchOf()
    await bench.begin('lab-follow-up')
    await bench.choose('weekly-check')
    const form = bench.form()
    await form.getByLabel('Every', { exact: true }).fill('2')
    await form.getByLabel('Every: unit').selectOption('days')
    await form.getByLabel('Skip weekends and holidays').check()
    // Monday, Wednesday, Friday; then Sunday, which is closed: Monday.
    await bench.scenario(
      "  - at: 2026-03-02 09:00\n    record: {resourceType: ServiceRequest, id: l1, status: active, intent: order, category: [{coding: [{code: '108252007'}]}], subject: {reference: Patient/p1}}\n  - complete: weekly-check\n  - at: 2026-03-04 09:00\n  - complete: weekly-check\n  - at: 2026-03-06 09:00\n  - complete: weekly-check\n  - at: 2026-03-08 12:00\n    expect: {open: [result]}\n  - at: 2026-03-09 10:00\n  - complete: weekly-check\n",
    )
    await bench.publish('Nobody is asked on a weekend')
  })
}
