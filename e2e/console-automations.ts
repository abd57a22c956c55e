import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type BrowserHouse, picture, seriousFaultsInBoth } from '../testkit/browser.ts'

/** Machines are shared: what is waited for comes late at times. */
const patient = { timeout: 15_000 }

/** What the demonstration clinic's automations have come to in three months. */
export function automationTests(houseOf: () => BrowserHouse): void {
  let lead: Page

  beforeAll(async () => {
    lead = await houseOf().open('olga@demo.example')
  }, 60_000)

  test('the clinic’s automations have climbed by what their decisions showed, and the fitted one shows what it learnt', {
    timeout: 90_000,
  }, async () => {
    await lead.goto('/automations')
    const rows = lead.getByTestId('automation-row')
    await rows.nth(2).waitFor(patient)
    for (const title of ['Referral completeness', 'Urgency of a referral'])
      expect(await rows.filter({ hasText: title }).innerText()).toContain('Answers within bounds')
    await rows.filter({ hasText: 'Risk of a missed visit' }).getByRole('link').first().click()
    const training = lead.getByTestId('training')
    await training.getByText('Fifths by chance, lowest first').waitFor(patient)
    expect(await training.innerText()).toContain('missedBefore')
    await training.scrollIntoViewIfNeeded()
    await picture(lead, 'training')
    expect(await seriousFaultsInBoth(lead, () => training.waitFor())).toEqual([])
    await lead.close()
  })
}
