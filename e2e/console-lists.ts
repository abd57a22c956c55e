import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type BrowserHouse, picture, seriousFaults, speak } from '../testkit/browser.ts'

/** Machines are shared: what is waited for comes late at times. */
const patient = { timeout: 20_000 }
const lists = ['results', 'referrals', 'no-next-step', 'unreachable', 'messages'] as const

/** What waits for somebody although no task may say so. */
export function listTests(houseOf: () => BrowserHouse): void {
  let page: Page
  beforeAll(async () => {
    page = await houseOf().open('mei@demo.example')
  }, 60_000)

  test('each list of the clinic has true content with its why, and one is taken by keyboard', {
    timeout: 120_000,
  }, async () => {
    await page.goto('/work')
    await page.getByRole('link', { name: 'What waits' }).click()
    for (const list of lists) {
      await page.goto(`/lists?list=${list}`)
      const rows = page.getByTestId('matter-row')
      await rows.first().waitFor(patient)
      expect((await rows.first().textContent())?.length).toBeGreaterThan(40)
    }
    await page.getByText('The new tablets make me dizzy', { exact: false }).first().waitFor()
    await picture(page, 'lists')
    expect(await seriousFaults(page)).toEqual([])
    await speak(page, 'fr')
    await page.getByText('personne n’a répondu').first().waitFor()
    await speak(page, 'en')
    const before = await page.getByTestId('matter-row').count()
    await page.keyboard.press('j')
    await page.keyboard.press('e')
    await page.getByRole('dialog').getByLabel('What was done').waitFor()
    await page.keyboard.type('Called her: stop the tablets until the visit tomorrow.')
    await page.keyboard.press('Control+Enter')
    await expect.poll(() => page.getByTestId('matter-row').count(), patient).toBe(before - 1)
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('j')
    await page.keyboard.press('c')
    await page.getByTestId('task-detail').getByRole('heading', { name: 'Answer a message' }).waitFor(patient)
  })
}
