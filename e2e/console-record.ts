import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type BrowserHouse, picture, seriousFaultsInBoth } from '../testkit/browser.ts'

/** Machines are shared: what is waited for comes late at times. */
const patient = { timeout: 15_000 }

/** The record browser: what a nurse or an auditor looks up, and what must never show in an address. */
export function recordTests(houseOf: () => BrowserHouse): void {
  let page: Page
  const rows = () => page.getByTestId('record-row')

  beforeAll(async () => {
    page = await houseOf().open('olga@demo.example')
  }, 60_000)

  test('patients are found by name, by keyboard alone, and what was searched for is not in the address', {
    timeout: 60_000,
  }, async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await rows().first().waitFor()
    const all = await rows().count()
    await page.keyboard.press('/')
    await page.keyboard.type('ito')
    await page.keyboard.press('Enter')
    await expect.poll(() => rows().count(), patient).toBeLessThan(all)
    for (const name of await rows().locator('th a').allTextContents()) expect(name).toMatch(/^ITO, /)
    expect(page.url()).not.toMatch(/ito/i)
    await picture(page, 'record')
    expect(await seriousFaultsInBoth(page, () => rows().first().waitFor())).toEqual([])
  })

  test('a search comes back with the browser’s back button and after reloading, and not for somebody else', {
    timeout: 60_000,
  }, async () => {
    const found = await rows().count()
    await rows().first().getByRole('link').first().click()
    await page.getByTestId('resource').waitFor()
    await page.goBack()
    await expect.poll(() => rows().count(), patient).toBe(found)
    expect(await page.getByLabel('Value').inputValue()).toBe('ito')
    await page.reload()
    await expect.poll(() => rows().count(), patient).toBe(found)
    expect(await page.getByLabel('Value').inputValue()).toBe('ito')
    await page.evaluate(() => {
      const { recordSearch, ...rest } = history.state as { recordSearch: object }
      history.replaceState({ ...rest, recordSearch: { ...recordSearch, by: 'somebody-else' } }, '')
    })
    await page.reload()
    await expect.poll(() => rows().count(), patient).toBeGreaterThan(found)
    expect(await page.getByLabel('Value').inputValue()).toBe('')
  })

  test('fields fit the parameter: a comparison for dates, there or missing for every one', {
    timeout: 60_000,
  }, async () => {
    await page.goto('/record?type=Observation')
    await rows().first().waitFor()
    await page.getByLabel('Search parameter').selectOption('_lastUpdated')
    await page.getByLabel('How it is compared').selectOption('ge')
    await page.getByLabel('Value').fill('2026-02-01')
    await page.keyboard.press('Enter')
    await expect
      .poll(() => page.getByRole('status').filter({ hasText: 'found' }).textContent(), patient)
      .toMatch(/^[1-9]/)
    await page.getByLabel('Search parameter').selectOption('subject')
    await page.getByLabel('How it is compared').selectOption(':missing')
    await page.getByLabel('Value').selectOption('true')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await page.getByText('Nothing was found.').waitFor()
  })

  test('a task is read, its patient is at the top, and its versions are compared', { timeout: 90_000 }, async () => {
    await page.goto('/record?type=Task')
    await rows().first().waitFor()
    await page.getByLabel('Search parameter').selectOption('status')
    await page.getByLabel('Value').fill('completed')
    await page.keyboard.press('Enter')
    const found = async () => (await rows().allInnerTexts()).filter((text) => !text.includes('completed'))
    await expect.poll(found, patient).toEqual([])
    await rows().first().getByRole('link').first().click()
    const header = page.getByTestId('patient-header')
    await header.waitFor()
    await picture(page, 'resource')
    expect(await seriousFaultsInBoth(page, () => header.waitFor())).toEqual([])
    await page.getByRole('link', { name: 'JSON' }).click()
    const name = await header.locator('strong').textContent()
    const reference = page.locator('.json a', { hasText: 'Patient/' }).first()
    await reference.waitFor()
    await page.getByRole('link', { name: 'History' }).click()
    await page.getByTestId('version-row').first().waitFor()
    expect(await page.getByTestId('version-row').count()).toBeGreaterThan(1)
    const change = page.getByTestId('change-row').filter({ hasText: 'status' }).first()
    expect(await change.locator('ins').textContent()).toBe('completed')
    await picture(page, 'history')
    expect(await seriousFaultsInBoth(page, () => page.getByTestId('change-row').first().waitFor())).toEqual([])
    await header.getByRole('link').first().click()
    await page.getByRole('heading', { level: 1, name: name ?? '' }).waitFor()
    await page.getByTestId('patient-header').getByRole('link', { name: 'Task' }).click()
    await rows().first().waitFor()
    expect(page.url()).not.toContain('Patient%2F')
    for (const cell of await rows().locator('td:nth-of-type(3)').allTextContents()) expect(cell).toBe(name)
  })

  test('what is not there is said, in words', { timeout: 60_000 }, async () => {
    await page.goto('/record/Patient/nobody')
    await page.getByText('There is no such resource.').waitFor()
    await page.goto('/record?type=Patient&sort=nonsense')
    await page.getByRole('alert').getByText('_sort').waitFor()
    await page.goto('/record?type=Nothing')
    await page.getByText('The record knows no such type of resource.').waitFor()
  })
}
