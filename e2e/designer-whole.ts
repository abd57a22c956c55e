import { expect, test } from 'vitest'
import { picture } from '../testkit/browser.ts'
import { type Bench, callAs, patient, referred } from './designer-bench.ts'

const long = { timeout: 120_000 }

/** Ordinary changes of whom a pathway takes in, of its stages and tracks, and of what is live where. */
export function wholeTests(benchOf: () => Bench): void {
  const whole = () => benchOf().page.getByTestId('pathway-form')

  test('a new code enrols', long, async () => {
    const bench = benchOf()
    await bench.begin('referral-intake')
    await bench.whole()
    const codes = whole().getByRole('group', { name: 'Only those where' }).first()
    await codes.getByRole('textbox', { name: 'Only those where 2: codes' }).fill('11429006')
    await codes.getByRole('textbox', { name: 'Only those where 2: codes' }).press('Enter')
    await bench.scenario(
      "  - at: 2026-03-02 09:00\n    record: {resourceType: ServiceRequest, id: r1, status: active, intent: order, category: [{coding: [{code: '11429006'}]}], subject: {reference: Patient/p1}, reasonCode: [{text: Cough}]}\n    expect: {open: [triage]}\n",
    )
    await bench.publish('Consultations are taken in too')
  })

  test('a group is left out', long, async () => {
    const bench = benchOf()
    await bench.begin('referral-intake')
    await bench.whole()
    const codes = whole().getByRole('group', { name: 'Only those where' }).first()
    await codes.getByText('Exclude a group').click()
    await codes.getByRole('textbox', { name: 'Only those where 3: codes' }).fill('Z51.5')
    await codes.getByRole('textbox', { name: 'Only those where 3: codes' }).press('Enter')
    const coded =
      "  - at: 2026-03-02 09:00\n    record: {resourceType: ServiceRequest, id: r1, status: active, intent: order, category: [{coding: [{code: '3457005'}]}], subject: {reference: Patient/p1}, reasonCode: [{coding: [{code: CODE}]}]}\n"
    await bench.scenario(`${coded.replace('CODE', 'Z51.5')}    expect: {open: []}\n`)
    await bench.scenario(`${coded.replace('CODE', 'R07.4')}    expect: {open: [triage]}\n`)
    await bench.publish('Palliative care has a pathway of its own')
  })

  test('a stage is split in two', long, async () => {
    const bench = benchOf()
    const { page } = bench
    await bench.begin('referral-intake')
    await bench.whole()
    await whole().getByRole('button', { name: 'Split in two' }).nth(4).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Second stage · EN').fill('After the visit')
    await dialog.getByLabel('Second stage · FR').fill('Après la visite')
    await dialog.getByLabel('Find out what became of the visit').check()
    await dialog.getByRole('button', { name: 'Split in two' }).click()
    await bench.scenario(
      `${referred()}  - complete: triage\n    with: accept\n  - complete: book\n    with: booked\n    expect: {stage: booked}\n  - at: +61 days\n    expect: {stage: after-the-visit}\n`,
    )
    await bench.publish('Who waits after the visit is seen on the board')
  })

  test('a track stops on an event', long, async () => {
    const bench = benchOf()
    const { page } = bench
    await bench.begin('referral-intake')
    await page.getByRole('button', { name: 'From referral to visit' }).first().click()
    const track = page.getByTestId('track-form')
    await track.getByText('Stop the track on an event').click()
    await track.getByLabel('What happens').selectOption('Flag')
    await track.getByRole('group', { name: 'Only those where' }).getByText('Add a value').click()
    await track.getByLabel('Only those where 1: values').fill('active')
    await bench.scenario(
      `${referred()}    expect: {open: [triage]}\n  - record: {resourceType: Flag, id: f1, status: active, code: {text: moved}, subject: {reference: Patient/p1}}\n    expect: {open: []}\n`,
    )
    await bench.publish('Nothing is asked of those who moved away')
  })

  test('another pathway takes over', long, async () => {
    const bench = benchOf()
    const { page } = bench
    await bench.begin('referral-intake')
    await bench.choose('triage')
    await page.getByRole('button', { name: 'Add a step', exact: true }).click()
    await bench.fillAdd('start', { en: 'Follow the laboratory', fr: 'Suivre le laboratoire' })
    const form = bench.form()
    await form.getByLabel('Pathway to start').selectOption('lab-follow-up 1')
    await form.getByLabel('Which end of “Triage the referral”').selectOption({ label: 'Redirect elsewhere' })
    await form.getByLabel('At the latest after', { exact: true }).fill('90')
    await bench.scenario(
      `${referred()}  - complete: triage\n    with: redirect\n    expect: {open: [follow-the-laboratory, tell-referrer]}\n  - complete: follow-the-laboratory\n    with: answered\n    expect: {open: [tell-referrer]}\n`,
    )
    await bench.publish('Those we redirect are followed by the laboratory')
  })

  test('enrolment is paused, and the scenarios that are there still stand', long, async () => {
    const bench = benchOf()
    await bench.begin('lab-follow-up')
    const before = await bench.page.getByRole('tab', { name: 'Scenarios' }).innerText()
    await bench.whole()
    await whole().getByLabel('New patients').selectOption({ label: 'Paused: nobody new is taken in' })
    await bench.scenario(
      "  - at: 2026-03-02 09:00\n    record: {resourceType: ServiceRequest, id: l1, status: active, intent: order, category: [{coding: [{code: '108252007'}]}], subject: {reference: Patient/p1}}\n    expect: {open: []}\n",
      { head: 'enrolment: paused\n' },
    )
    const after = await bench.page.getByRole('tab', { name: 'Scenarios' }).innerText()
    expect(Number(after.replaceAll(/\D/g, ''))).toBe(Number(before.replaceAll(/\D/g, '')) + 1)
    await bench.publish('The laboratory moves this week')
  })

  test('one clinic alone changes', long, async () => {
    const bench = benchOf()
    const { page } = bench
    const made = await callAs(page, 'POST', '/fhir/Organization', {
      resourceType: 'Organization',
      name: 'North clinic',
    })
    expect(made.status).toBe(201)
    await bench.begin('referral-intake')
    await bench.choose('book')
    await bench.form().getByLabel('Otherwise, due within', { exact: true }).fill('10')
    await bench.scenario(
      `${referred()}  - complete: triage\n    with: accept\n    expect: {due: {book: 2026-03-16 09:00}}\n`,
    )
    const version = await bench.publish('The north clinic books once a week', ['North clinic'])
    await bench.reviewer.getByText(`version ${version} at one clinic`).waitFor(patient)
    await bench.reviewer.getByText('North clinic', { exact: true }).waitFor(patient)
    await picture(bench.reviewer, 'pathway-one-clinic')
  })

  test('last month’s version comes back, as a new one, after its review', long, async () => {
    const { page, reviewer, goLive } = benchOf()
    await page.goto('/pathways/referral-intake?show=history')
    await page.getByText('The north clinic books once a week').first().waitFor(patient)
    // What was live when the demonstration's quarter began; it has been changed many times since.
    await page.getByLabel('Version', { exact: true }).selectOption('1')
    await page.getByRole('button', { name: 'Roll back to this…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Roll back to version 1' })
    await dialog.getByLabel('What changes, and why?').fill('One day for triage was too short')
    await dialog.getByRole('button', { name: 'Ask for review' }).click()
    await page.getByTestId('draft-note').getByText('One day for triage was too short').waitFor(patient)
    await page.getByText(/somebody else must approve/).waitFor(patient)
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0)
    await reviewer.goto(page.url())
    await reviewer.getByRole('link', { name: 'Scenarios' }).click(patient)
    const scenarios = reviewer.getByTestId('scenario')
    await scenarios.first().getByText('passes').waitFor(patient)
    expect(await scenarios.getByText('fails').count()).toBe(0)
    const version = await goLive()
    await reviewer.getByText(`version ${version} e`).first().waitFor(patient)
    await reviewer.getByRole('link', { name: 'Changes' }).click()
    await reviewer.getByLabel('Compared with').selectOption('1')
    await reviewer.getByText('The two versions say the same.').waitFor(patient)
  })
}
