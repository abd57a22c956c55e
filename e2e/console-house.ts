import { createServer, type Server } from 'node:http'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BrowserHouse, picture, seriousFaultsInBoth } from '../testkit/browser.ts'

/** Machines are shared: what is waited for comes late at times. */
const patient = { timeout: 20_000 }

/** How an administrator lets people and programs in, and watches what leaves the house. */
export function houseTests(houseOf: () => BrowserHouse): void {
  let page: Page
  let receiver: Server
  const received: string[] = []
  const dialog = () => page.getByRole('dialog')

  beforeAll(async () => {
    page = await houseOf().open('olga@demo.example')
    receiver = createServer((request, answer) => {
      received.push(request.url ?? '')
      request.resume()
      answer.writeHead(200).end()
    })
    await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready))
  }, 60_000)
  afterAll(() => receiver.close())

  test('an application is registered, its secret is told once and renewed, and it can be shut out', {
    timeout: 90_000,
  }, async () => {
    await page.goto('/clients')
    await page.getByRole('button', { name: 'Register an application' }).click()
    await dialog().getByLabel('Name').fill('Growth charts')
    await dialog().getByLabel('Kind').selectOption('confidential')
    await dialog().getByLabel('Redirect addresses').fill('https://growth.example/callback')
    await dialog().getByRole('button', { name: 'Register an application' }).click()
    const secret = dialog().getByLabel('Secret')
    await secret.waitFor()
    const first = await secret.inputValue()
    expect(first.length).toBeGreaterThan(20)
    await dialog().getByRole('button', { name: 'Close' }).last().click()
    const row = page.getByTestId('client-row').filter({ hasText: 'Growth charts' })
    await row.waitFor()
    await row.getByRole('button', { name: 'New secret…' }).click()
    await dialog().getByRole('button', { name: 'New secret' }).click()
    await dialog().getByLabel('Growth charts').waitFor()
    expect(await dialog().getByLabel('Growth charts').inputValue()).not.toBe(first)
    await dialog().getByRole('button', { name: 'Close' }).last().click()
    await row.getByRole('button', { name: 'Disable' }).click()
    await row.getByRole('button', { name: 'Enable' }).waitFor()
    await picture(page, 'clients')
    expect(await seriousFaultsInBoth(page, () => row.waitFor())).toEqual([])
  })

  test('a token is made for a program and revoked after asking once more', { timeout: 60_000 }, async () => {
    await page.goto('/clients')
    await page.getByRole('button', { name: 'Make a token' }).click()
    await dialog().getByLabel('What is it for?').fill('Nightly copy')
    await dialog().getByLabel('Client, reading', { exact: true }).check()
    await dialog().getByRole('button', { name: 'Make a token' }).click()
    await dialog().getByLabel('Nightly copy').waitFor()
    await dialog().getByRole('button', { name: 'Close' }).last().click()
    const row = page.getByTestId('token-row').filter({ hasText: 'Nightly copy' })
    await row.getByRole('button', { name: 'Revoke…' }).click()
    await dialog().getByRole('button', { name: 'Revoke' }).click()
    await row.getByText('revoked').waitFor()
  })

  test('an administrator ends a colleague’s session, and the colleague is at the door again', {
    timeout: 90_000,
  }, async () => {
    const colleague = await houseOf().open('sophie@demo.example')
    await page.goto('/sessions')
    await page.getByText('this one').waitFor()
    await page.getByLabel('Show everybody’s').check()
    const row = page.getByTestId('session-row').filter({ hasText: 'Sophie Roy' }).first()
    await row.waitFor()
    await picture(page, 'sessions')
    expect(await seriousFaultsInBoth(page, () => page.getByTestId('session-row').first().waitFor())).toEqual([])
    await page.reload()
    await page.getByLabel('Show everybody’s').check()
    const theirs = page.getByTestId('session-row').filter({ hasText: 'Sophie Roy' })
    await theirs.first().waitFor()
    const open = await theirs.count()
    await theirs.first().getByRole('button', { name: 'End' }).click()
    await expect.poll(() => theirs.count(), patient).toBe(open - 1)
    await colleague.locator('input[type=email]').waitFor()
    await colleague.context().close()
  })

  test('somebody’s roles are changed', { timeout: 60_000 }, async () => {
    await page.goto('/people')
    const row = page.getByTestId('account-row').filter({ hasText: 'Luc Gagnon' })
    await row.getByRole('button', { name: 'Edit…' }).click()
    await dialog().getByLabel('Charge nurse').check()
    await dialog().getByRole('button', { name: 'Save' }).click()
    await expect.poll(() => row.textContent(), patient).toContain('Charge nurse')
    await picture(page, 'people')
  })

  test('a program is subscribed to changes of tasks, is told of one, and is ended', { timeout: 120_000 }, async () => {
    const address = receiver.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await page.goto('/flows')
    await page.getByRole('button', { name: 'Add a subscription' }).click()
    await expect.poll(() => dialog().getByLabel('Topic').locator('option').count(), patient).toBeGreaterThan(1)
    await dialog().getByLabel('Topic').selectOption({ index: 1 })
    await dialog().getByLabel('Receiver').fill(`http://127.0.0.1:${port}/hook`)
    await dialog().getByRole('button', { name: 'Add a subscription' }).click()
    const row = page.getByTestId('subscription-row').first()
    await row.getByText('active', { exact: true }).waitFor(patient)
    expect(received.length).toBeGreaterThan(0)
    await picture(page, 'flows')
    expect(await seriousFaultsInBoth(page, () => row.waitFor())).toEqual([])
    await row.getByRole('button', { name: 'End…' }).click()
    await dialog().getByRole('button', { name: 'End' }).click()
    await row.getByText('off', { exact: true }).waitFor(patient)
  })

  test('an export is asked for, runs, and its files are fetched', { timeout: 120_000 }, async () => {
    await page.goto('/flows?show=transfers')
    await page.getByRole('button', { name: 'New export' }).click()
    await dialog().getByLabel('Resource types').fill('Patient')
    await dialog().getByRole('button', { name: 'Start' }).click()
    const row = page.getByTestId('transfer-row').first()
    await row.getByRole('button', { name: 'Files' }).waitFor({ timeout: 60_000 })
    expect(await seriousFaultsInBoth(page, () => row.waitFor())).toEqual([])
    await row.getByRole('button', { name: 'Files' }).click()
    const link = dialog().getByRole('link', { name: 'Patient' }).first()
    const href = (await link.getAttribute('href')) ?? ''
    const first = await page.evaluate(async (path) => {
      const text = await (await fetch(path)).text()
      return (JSON.parse(text.split('\n')[0] ?? '{}') as { resourceType?: string }).resourceType
    }, href)
    expect(first).toBe('Patient')
    await page.keyboard.press('Escape')
    await row.getByRole('button', { name: 'Remove…' }).click()
    await dialog().getByRole('button', { name: 'Remove' }).click()
    await expect.poll(() => page.getByTestId('transfer-row').count(), patient).toBe(0)
  })

  test('a shipped code is found by its words, and what may be loaded says whose it is', {
    timeout: 90_000,
  }, async () => {
    await page.goto('/terminology')
    await page.getByTestId('system-row').first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('fe')
    await page.getByLabel('Code system', { exact: true }).selectOption('http://hl7.org/fhir/administrative-gender')
    await page.getByTestId('concept-row').first().getByText('female').first().waitFor()
    await picture(page, 'terminology')
    expect(await seriousFaultsInBoth(page, () => page.getByTestId('system-row').first().waitFor())).toEqual([])
    await page.getByRole('button', { name: 'Load a terminology' }).click()
    await dialog().getByLabel('Code system', { exact: true }).selectOption('loinc')
    await dialog().getByLabel('I confirm this for the organisation').waitFor()
    expect(await dialog().getByRole('button', { name: 'Load', exact: true }).isDisabled()).toBe(true)
  })
}
