import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type BrowserHouse, picture, seriousFaults, seriousFaultsInBoth } from '../testkit/browser.ts'

/** Machines are shared: what is waited for comes late at times. */
const patient = { timeout: 60_000 }

/** What a version would have done with the past, and what more patients would do to people's work. */
export function replayTests(houseOf: () => BrowserHouse): void {
  let page: Page

  beforeAll(async () => {
    page = await houseOf().open('olga@demo.example')
  }, 60_000)

  test('the quarter is replayed on the live version from its page, and nothing would have been otherwise', {
    timeout: 180_000,
  }, async () => {
    await page.goto('/pathways/referral-intake')
    await page.getByRole('link', { name: 'Replay', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: /^Replay of/ }).waitFor(patient)
    await page.getByRole('button', { name: 'Replay', exact: true }).click()
    await page.getByText('Nothing would have been otherwise.').waitFor(patient)
    expect(await page.getByText('Not reproduced').locator('xpath=following-sibling::dd').textContent()).toBe('0')
    expect(await seriousFaultsInBoth(page, () => page.locator('.chart').first().waitFor())).toEqual([])
  })

  test('a draft that differs shows what, for whom, and one journey side by side with why', {
    timeout: 240_000,
  }, async () => {
    const id = await page.evaluate(async () => {
      const version: { source: string } = await (await fetch('/api/pathways/referral-intake/versions/1')).json()
      const source = version.source.replace(
        'due: {urgent: 4 h, otherwise: 2 business days}',
        'due: {urgent: 2 h, otherwise: 1 business days}',
      )
      const answer = await fetch('/api/replays', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-throughline': 'test' },
        body: JSON.stringify({
          source,
          from: '2025-12-02',
          until: '2026-03-04',
          assume: 'open',
        }),
      })
      return ((await answer.json()) as { id: string }).id
    })
    await page.goto(`/replays/${id}`)
    const kind = page.getByRole('link', { name: /^Task: due at another time/ })
    await kind.waitFor(patient)
    await picture(page, 'replay')
    await kind.click()
    const row = page.getByTestId('replayed-row').first()
    await row.waitFor(patient)
    expect(await row.textContent()).toContain('Task: due at another time')
    await row.getByRole('link').first().click()
    const beside = page.getByTestId('side-by-side')
    await beside.getByText('The draft writes this step otherwise').first().waitFor(patient)
    await beside.getByText('What follows comes of it.').first().waitFor()
    await picture(page, 'replayed-journey')
    expect(await seriousFaultsInBoth(page, () => beside.locator('tr').nth(2).waitFor())).toEqual([])
    await page.goto('/replays?pathway=referral-intake')
    await expect.poll(() => page.getByTestId('replay-row').count(), patient).toBe(2)
    await picture(page, 'replays')
    expect(await seriousFaultsInBoth(page, () => page.getByTestId('replay-row').first().waitFor())).toEqual([])
  })

  test('a simulation starts from what the record shows, and says which role two thousand more would break', {
    timeout: 240_000,
  }, async () => {
    await page.goto('/pathways/referral-intake')
    await page.getByRole('link', { name: 'Simulation' }).click()
    await page.getByText(/^Fitted from \d+ journeys/).waitFor(patient)
    await page.getByRole('switch', { name: 'Compare with a second variant' }).check()
    await page.getByRole('group', { name: 'Second variant' }).getByRole('textbox', { name: 'More enrol' }).fill('2000')
    await page.getByRole('textbox', { name: 'Replications' }).fill('5')
    await page
      .getByRole('slider', { name: /^Triage nurse: 1/ })
      .first()
      .fill('2')
    await page.getByText('Triage nurse: 2 at work').waitFor()
    const outside = page.getByTestId('outside-row')
    expect(await outside.count()).toBeGreaterThan(0)
    await outside
      .first()
      .getByRole('textbox', { name: /^Comes in/ })
      .fill('30')
    await outside.first().getByText('given').waitFor()
    await page.getByRole('button', { name: 'Simulate' }).click()
    const result = page.getByTestId('simulation-result')
    await result.waitFor({ timeout: 120_000 })
    await result.getByText('First variant: No role breaks.').waitFor()
    await result.getByText(/Second variant: .* breaks on day \d+/).waitFor()
    expect(await result.getByTestId('role-row').count()).toBeGreaterThan(3)
    await picture(page, 'simulation')
    expect(await seriousFaults(page)).toEqual([])
    expect(await seriousFaultsInBoth(page, () => page.locator('.planning').waitFor())).toEqual([])
  })
}
