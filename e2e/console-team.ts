import type { Page } from 'playwright-core'
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
      const list: { items: { id: string; title: { en: string } }[] } = await (
        await fetch('/api/work?list=queue')
      ).json()
      const claims = await Promise.all(
        list.items
          .filter(({ title }) => title.en === 'Answer the renewal request')
          .map(({ id }) =>
            fetch(`/api/work/${id}/claim`, {
              method: 'POST',
              headers: { 'content-type': 'application/json', 'x-throughline': 'test' },
              body: '{}',
            }),
          ),
      )
      return claims.map(({ status }) => status)
    })
    expect(taken.filter((status) => status === 200).length).toBe(5)
    await lead.goto('/team')
    await lead.getByTestId('licences-ending').getByText('Nadia Tremblay').first().waitFor()
    await picture(lead, 'team')
    expect(await seriousFaults(lead)).toEqual([])
    const row = lead.getByTestId('team-row').filter({ hasText: 'Mei Tanaka' })
    await row.getByRole('button', { name: 'Away' }).click()
    const dialog = lead.getByRole('dialog')
    await dialog.getByLabel('From now, for').selectOption('3')
    await dialog.getByRole('button', { name: 'Show what happens' }).click()
    await dialog.getByTestId('handovers').getByText('goes to Dr. David Okafor').first().waitFor(patient)
    await dialog.getByText('back to the queue').first().waitFor()
    await picture(lead, 'away')
    expect(await seriousFaults(lead)).toEqual([])
    await dialog.getByRole('button', { name: 'Hand over' }).click()
    await dialog.getByText('Done. To somebody else: 1. Back to their queues: 4.').waitFor(patient)
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await row.getByText('Away', { exact: true }).first().waitFor(patient)
  })

  test('a table with a fault is refused with its row and column', { timeout: 60_000 }, async () => {
    await lead.goto('/team')
    await lead.getByRole('button', { name: 'Import a table' }).click()
    const dialog = lead.getByRole('dialog')
    await dialog.getByLabel('Or paste its text').fill('practitioner,credential,place,number\ndemo-mei,md,Narnia,N-1\n')
    await dialog.getByRole('button', { name: 'Import', exact: true }).click()
    await dialog.getByText('row 2, column place').waitFor(patient)
    await lead.keyboard.press('Escape')
  })
}
