import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type BrowserHouse, picture, seriousFaultsInBoth } from '../testkit/browser.ts'

/** Machines are shared: what is waited for comes late at times. */
const patient = { timeout: 15_000 }

/** The audit log as an auditor goes through it. */
export function auditTests(houseOf: () => BrowserHouse): void {
  let page: Page
  const rows = () => page.getByTestId('audit-row')

  beforeAll(async () => {
    page = await houseOf().open('olga@demo.example')
  }, 60_000)

  test('who looked at a patient is one click away from the patient', { timeout: 90_000 }, async () => {
    await page.goto('/record')
    await page.getByTestId('record-row').first().getByRole('link').first().click()
    await page.getByTestId('patient-header').waitFor()
    const [, id = ''] = /\/record\/Patient\/(.+)$/.exec(page.url()) ?? []
    await page.getByRole('link', { name: 'Who looked at this' }).click()
    await rows().first().waitFor()
    expect(page.url()).toContain(encodeURIComponent(`Patient/${id}`))
    expect(await page.getByLabel('Touched').inputValue()).toBe(`Patient/${id}`)
    // Olga has just read it: her act is there.
    await expect.poll(() => rows().first().textContent(), patient).toContain('Olga Lindqvist')
    await page.getByRole('link', { name: 'Open in the record' }).click()
    await page.getByTestId('patient-header').waitFor()
  })

  test('the log is searched by person, act and result, by keyboard, and verified on demand', {
    timeout: 90_000,
  }, async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('l')
    await rows().first().waitFor()
    await page.keyboard.press('/')
    await page.getByLabel('Act', { exact: true }).fill('sign-in')
    await page.keyboard.press('Enter')
    await page.waitForURL(/code=sign-in/)
    await expect
      .poll(async () => new Set(await rows().locator('td:nth-of-type(3)').allTextContents()), patient)
      .toEqual(new Set(['signed in']))
    await page.getByLabel('Who').selectOption({ label: 'Olga Lindqvist' })
    await page.getByRole('button', { name: 'Search' }).click()
    await expect
      .poll(async () => new Set(await rows().locator('td:nth-of-type(2)').allTextContents()), patient)
      .toEqual(new Set(['Olga Lindqvist']))
    await page.getByLabel('From').fill('2036-01-01')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByText('No act was found.').waitFor()
    await page.getByRole('link', { name: 'Clear' }).click()
    await rows().first().waitFor()
    await page.getByRole('button', { name: 'Verify now' }).click()
    const chain = page.getByTestId('audit-chain')
    await expect.poll(() => chain.getAttribute('data-state'), patient).not.toBe('broken')
    await chain.getByText('The log holds').waitFor()
    await expect
      .poll(async () => rows().locator('td:nth-of-type(3)').allTextContents(), patient)
      .toContain('verified this log')
    await picture(page, 'audit')
    expect(await seriousFaultsInBoth(page, () => rows().first().waitFor())).toEqual([])
  })
}
