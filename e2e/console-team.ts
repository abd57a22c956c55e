import type { Locator, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type BrowserHouse, picture, seriousFaults } from '../testkit/browser.ts'

/** Machines are shared: what is waited for comes late at times. */
const patient = { timeout: 15_000 }

/** People, their licences, and whose work goes to whom. */
export function teamTests(houseOf: () => BrowserHouse): void {
  let lead: Page
  let physician: Page

  beforeAll(async () => {
    lead = await houseOf().open('olga@demo.example')
    physician = await houseOf().open('mei@demo.example')
  }, 60_000)

  test('a renewal for Ohio says who may take it and what would unblock it; who may not is refused with the reason', {
    timeout: 90_000,
  }, async () => {
    await physician.goto('/work?list=queue')
    await physician.getByTestId('task-row').first().waitFor()
    const told: string[] = []
    const rows = physician.getByTestId('task-row').filter({ hasText: 'Answer the renewal request' })
    for (let n = 0; n < (await rows.count()); n += 1) {
      await rows.nth(n).click()
      const people = physician.getByTestId('task-people')
      await people.waitFor()
      const text = (await people.textContent()) ?? ''
      told.push(text)
      if (!text.includes('Ohio')) continue
      await people.locator('summary').click()
      await people.getByText('has a licence as a physician in Ohio that has ended').first().waitFor()
      await picture(physician, 'who-may')
      expect(await seriousFaults(physician)).toEqual([])
      await physician.keyboard.press('c')
      await physician
        .getByRole('alert')
        .getByText('Dr. Mei Tanaka has a licence as a physician in Ohio that has ended.')
        .waitFor(patient)
    }
    expect(told.filter((text) => text.includes('Ohio'))).toHaveLength(1)
    expect(told.filter((text) => text.includes('Ontario') && text.includes('2 of 2'))).toHaveLength(1)
  })

  test('a lead hands over the day of a colleague who is ill in a few clicks, and sees what stays', {
    timeout: 120_000,
  }, async () => {
    // The physician takes what she may: Ontario, which her colleague can do too, and New York, which he cannot.
    const taken = await physician.evaluate(async () => {
      const post = (id: string, act: string) =>
        fetch(`/api/work/${id}/${act}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-throughline': 'test' },
          body: '{}',
        })
      // What the three months left with her is no part of this day.
      const mine: { items: { id: string }[] } = await (await fetch('/api/work?list=mine')).json()
      for (const { id } of mine.items) await post(id, 'release')
      const list: { items: { id: string; title: { en: string } }[] } = await (
        await fetch('/api/work?list=queue')
      ).json()
      const claims = await Promise.all(
        list.items.filter(({ title }) => title.en === 'Answer the renewal request').map(({ id }) => post(id, 'claim')),
      )
      return claims.map(({ status }) => status)
    })
    expect(taken.filter((status) => status === 200).length).toBe(5)
    await lead.goto('/team')
    await lead.getByTestId('licences-ending').getByText('Nadia Tremblay').first().waitFor()
    await picture(lead, 'team')
    expect(await seriousFaults(lead)).toEqual([])
    const row = lead.getByTestId('team-row').filter({ hasText: 'Mei Tanaka' })
    const dialog = lead.getByRole('dialog')
    const began = performance.now()
    let clicks = 0
    const click = async (button: Locator) => {
      clicks += 1
      await button.click()
    }
    await click(row.getByRole('button', { name: 'Away' }))
    clicks += 1
    await dialog.getByLabel('From now, for').selectOption('3')
    await click(dialog.getByRole('button', { name: 'Show what happens' }))
    // Ontario goes to the colleague, who is licensed there, and says why; what is only hers says what would unblock it.
    const takes = dialog.getByRole('combobox', { name: /^Who takes/ })
    await takes.first().waitFor(patient)
    expect(await takes.locator('option:checked').allTextContents()).toEqual(['Dr. David Okafor'])
    await dialog.getByText('may as physician').waitFor(patient)
    await dialog.getByText('back to the queue').first().waitFor()
    await picture(lead, 'away')
    expect(await seriousFaults(lead)).toEqual([])
    // One is changed: it goes back to its queue, and to the colleague again.
    clicks += 1
    await takes.first().selectOption('')
    await dialog.getByText('To somebody else: 0. Back to their queues: 5.').waitFor(patient)
    clicks += 1
    await takes.first().selectOption({ label: 'Dr. David Okafor' })
    await dialog.getByText('To somebody else: 1. Back to their queues: 4.').waitFor(patient)
    await click(dialog.getByRole('button', { name: 'Hand over' }))
    await dialog.getByText('Done. To somebody else: 1. Back to their queues: 4.').waitFor(patient)
    const seconds = (performance.now() - began) / 1_000
    console.info(`a sick colleague’s day: ${clicks} clicks, ${seconds.toFixed(1)} s`)
    expect(clicks).toBeLessThanOrEqual(6)
    expect(seconds).toBeLessThan(60)
    // Undone, and done once more.
    await dialog.getByRole('button', { name: 'Undo' }).click()
    await dialog.getByText('Back with them: 5.').waitFor(patient)
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await row.getByText('Away', { exact: true }).waitFor({ ...patient, state: 'detached' })
  })

  test('the map of the coming two weeks shows where nobody may, why, and what would help, by keyboard and without colour', {
    timeout: 120_000,
  }, async () => {
    await lead.goto('/team')
    await lead.getByRole('link', { name: 'Coverage' }).click()
    const map = lead.getByTestId('coverage-map')
    await map.waitFor(patient)
    expect(await map.locator('tbody tr').count()).toBe(13)
    // Dr. Tanaka’s congress: the first working day that is four days ahead or more.
    await map.getByRole('button', { name: /^New York, Monday, March 9: nobody who may/ }).waitFor()
    await map.getByRole('button', { name: /^New York, Friday, March 6: covered/ }).waitFor()
    const gaps = lead.getByTestId('coverage-gaps')
    await gaps.getByText('Dr. Mei Tanaka is away').first().waitFor()
    await gaps.getByText('has a licence as a physician in Ohio that has ended').first().waitFor()
    await lead.getByTestId('coverage-gains').waitFor()
    expect(await lead.getByTestId('coverage-held').textContent()).toMatch(/Told a week before, of \d+ days/)
    await map.getByRole('button').first().focus()
    await lead.keyboard.press('ArrowRight')
    await lead.keyboard.press('ArrowDown')
    await lead.keyboard.press('Enter')
    await lead.getByTestId('coverage-day').getByText('Renewal of a prescription').waitFor()
    await picture(lead, 'coverage')
    expect(await seriousFaults(lead)).toEqual([])
    await lead.getByLabel('If somebody leaves').selectOption({ label: 'If Dr. David Okafor leaves' })
    await map.getByRole('button', { name: /^Texas, Friday, March 6: nobody who may/ }).waitFor(patient)
  })

  test('a lead has a table of people read, mends its fault, sees what would change, takes it, and undoes it', {
    timeout: 120_000,
  }, async () => {
    await lead.goto('/team')
    await lead.getByRole('link', { name: 'Import people' }).click()
    const read = async (text: string) => {
      await lead.getByLabel('Or paste its text').fill(text)
      await lead.getByRole('button', { name: 'Show what would change' }).click()
    }
    const head = 'practitioner,family,given,languages,skills,capacity,hours'
    const good = `${head}\ndemo-new,Baptiste,Rose,fr en,triage,60,mon-thu 08:00-12:00\ndemo-olga,Petrova,Olga,en ru,,,\n`
    await read(good.replace('triage,60', 'triage,600'))
    await lead.getByTestId('import-fault').getByText('percent of the time at work, 1 to 100').waitFor(patient)
    expect(await lead.getByTestId('import-fault').locator('td').allTextContents()).toEqual([
      '2',
      'capacity',
      'percent of the time at work, 1 to 100 value',
    ])
    await picture(lead, 'import-faults')
    expect(await seriousFaults(lead)).toEqual([])
    await lead.getByRole('link', { name: 'Import people' }).click()
    await picture(lead, 'imports')
    expect(await seriousFaults(lead)).toEqual([])
    await read(good)
    const state = lead.getByTestId('import-state')
    await state.getByText('to be looked at').waitFor(patient)
    await lead.getByTestId('import-line').getByText('en ru').waitFor(patient)
    await picture(lead, 'import-lines')
    expect(await seriousFaults(lead)).toEqual([])
    await lead.getByRole('button', { name: 'New 1' }).click()
    await lead.getByTestId('import-line').getByText('Rose Baptiste').waitFor(patient)
    await lead.getByRole('button', { name: 'Take it all' }).click()
    await lead.getByRole('dialog').getByRole('button', { name: 'Take it all' }).click()
    await state.getByText('taken', { exact: true }).waitFor(patient)
    await lead.getByRole('button', { name: 'Undo' }).click()
    await lead.getByRole('dialog').getByRole('button', { name: 'Undo' }).click()
    await lead.getByText('As they were: 3. Changed by somebody since, and left: 0.').waitFor(patient)
  })

  test('a lead tries a service level on last month’s tasks, sets it, and sees it in force', {
    timeout: 120_000,
  }, async () => {
    await lead.goto('/team')
    await lead.getByRole('link', { name: 'Service levels' }).click()
    const levels = lead.getByTestId('levels')
    await levels.getByRole('row', { name: /^Urgent triage/ }).waitFor(patient)
    await picture(lead, 'levels')
    expect(await seriousFaults(lead)).toEqual([])
    await levels.getByRole('button', { name: 'Edit' }).click()
    const draft = lead.getByTestId('levels-draft')
    await draft.getByRole('button', { name: 'Edit referral', exact: true }).click()
    const editor = lead.getByTestId('level-editor')
    await editor.getByLabel('Goal (min)').fill('60')
    await draft.getByRole('button', { name: 'Try on last month' }).click()
    await lead.getByTestId('levels-tried').waitFor(patient)
    const row = draft.getByRole('row', { name: /^Referral intake/ })
    const [was = 0, now = 0] =
      ((await row.textContent()) ?? '')
        .match(/(\d+) → (\d+) goal missed/)
        ?.slice(1)
        .map(Number) ?? []
    expect(now).toBeGreaterThan(was)
    await picture(lead, 'levels-tried')
    expect(await seriousFaults(lead)).toEqual([])
    await draft.getByRole('button', { name: 'Set these levels' }).click()
    const dialog = lead.getByRole('dialog')
    await dialog.getByLabel('Why').fill('Referrals within the hour')
    await dialog.getByRole('button', { name: 'Set these levels' }).click()
    await levels.getByText('Olga Lindqvist: Referrals within the hour').waitFor(patient)
    await levels.getByRole('row', { name: /^Referral intake.*1 hour/ }).waitFor(patient)
  })

  test('a call that was given at once says to whom and why; a lead sees which kinds are', {
    timeout: 60_000,
  }, async () => {
    const calls = lead.getByTestId('giving').getByRole('row', { name: /^Call to a patient/ })
    expect(await calls.getByRole('checkbox').first().isChecked()).toBe(true)
    const clerk = await houseOf().open('amir@demo.example')
    await clerk.goto('/work?list=mine')
    await clerk.getByTestId('task-row').filter({ hasText: 'Call the patient for a visit' }).first().click()
    await clerk
      .getByTestId('task-given')
      .getByText(/^Given to Amir Haddad as it was made: may do it as clerk/)
      .waitFor(patient)
  })
}
