import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type BrowserHouse, password, picture, seriousFaultsInBoth } from '../testkit/browser.ts'

/** Machines are shared: what is waited for comes late at times. */
const patient = { timeout: 15_000 }

/** Who may see what, as the console shows it and lets it be asked. */
export function accessTests(houseOf: () => BrowserHouse): void {
  let physician: Page
  let director: Page
  const whom = 'demo-patient-7'
  let name = ''

  beforeAll(async () => {
    physician = await houseOf().open('mei@demo.example')
    director = await houseOf().open('david@demo.example')
  }, 60_000)

  test('an emergency opens one record after a reason and the password, and stands on every page until it is ended', {
    timeout: 90_000,
  }, async () => {
    await physician.goto(`/record/Patient/${whom}`)
    const header = physician.getByTestId('patient-header')
    name = (await header.locator('strong').textContent()) ?? ''
    await header.getByRole('button', { name: 'Emergency access…' }).click()
    const dialog = physician.getByRole('dialog', { name: 'Emergency access' })
    const proof = physician.getByRole('dialog', { name: 'Is it you?' })
    await dialog.getByLabel('Reason').selectOption('emergency')
    await dialog.getByLabel('What happens').fill('Brought in by ambulance, cannot speak')
    // A session that has just begun is proof enough: the first answer is made that of an older one.
    let old = true
    await physician.route('**/api/access/break-glass', (route) => {
      if (!old || route.request().method() !== 'POST') return route.fallback()
      old = false
      const error = { code: 'confirmation-needed', message: '', faults: [] }
      return route.fulfill({ status: 403, contentType: 'application/json', body: JSON.stringify({ error }) })
    })
    await dialog.getByRole('button', { name: 'Open the record' }).click()
    await proof.getByLabel('Your password').fill('not the password')
    await proof.getByRole('button', { name: 'Continue' }).click()
    await proof.getByRole('alert').waitFor()
    expect(await physician.getByTestId('glass-banner').count()).toBe(0)
    await proof.getByLabel('Your password').fill(password)
    await proof.getByRole('button', { name: 'Continue' }).click()
    const banner = physician.getByTestId('glass-banner')
    await banner.getByText(name).waitFor()
    expect(await banner.getByRole('timer').textContent()).toMatch(/^(?:59|1) (?:min|hour) left$/)
    await picture(physician, 'emergency')
    await dialog.waitFor({ state: 'detached' })
    await physician.keyboard.press('g')
    await physician.keyboard.press('w')
    await physician.getByRole('heading', { level: 1, name: 'My work' }).waitFor()
    await banner.getByText(name).waitFor()
    expect(await seriousFaultsInBoth(physician, () => banner.waitFor())).toEqual([])
  })

  test('the director sees the emergency, with its reason and the task of its review', { timeout: 60_000 }, async () => {
    await director.goto('/access?show=emergencies')
    const row = director.getByTestId('emergency-row').first()
    await row.getByText('Brought in by ambulance').waitFor()
    expect(await row.textContent()).toContain('Dr. Mei Tanaka')
    expect(await row.textContent()).toContain('open now')
    expect(await seriousFaultsInBoth(director, () => row.waitFor())).toEqual([])
    await row.getByRole('link', { name: 'Task' }).click()
    await director.getByTestId('task-detail').waitFor()
  })

  test('an emergency is ended early by the one who opened it', { timeout: 60_000 }, async () => {
    const banner = physician.getByTestId('glass-banner')
    await banner.getByRole('button', { name: 'End now' }).click()
    await banner.waitFor({ state: 'detached' })
  })

  test('why somebody can see something is told in a sentence, with the rule and its facts', {
    timeout: 60_000,
  }, async () => {
    await director.goto(`/access?show=why`)
    await director.getByLabel('Resource').fill(`Patient/${whom}`)
    await director.keyboard.press('Enter')
    const answer = director.getByTestId('why-access')
    await answer.getByText('You may see this').waitFor()
    expect(await answer.textContent()).toContain('Clinical director')
    await picture(director, 'why-access')
    expect(await seriousFaultsInBoth(director, () => answer.waitFor())).toEqual([])
  })

  test('the policy is shown with what the checker says, and a faulty one cannot be put into force', {
    timeout: 90_000,
  }, async () => {
    const administrator = await houseOf().open('olga@demo.example')
    await administrator.goto('/access')
    await administrator.getByText('The checker has nothing to object to.').waitFor()
    await picture(administrator, 'policy')
    expect(await seriousFaultsInBoth(administrator, () => administrator.locator('pre.source').waitFor())).toEqual([])
    await administrator.getByRole('button', { name: 'Edit and publish…' }).click()
    const dialog = administrator.getByRole('dialog')
    const source = dialog.getByLabel('Source')
    await source.fill((await source.inputValue()).replace('effect: permit', 'effect: perhaps'))
    await dialog.getByLabel('What changes, and why?').fill('A slip of the pen')
    await dialog
      .getByText(/line \d+/)
      .first()
      .waitFor()
    expect(await dialog.getByRole('button', { name: 'Publish' }).isDisabled()).toBe(true)
    await administrator.context().close()
  })

  test('what a patient has refused stands with the patient', { timeout: 60_000 }, async () => {
    const made = await physician.evaluate(async (reference) => {
      const answer = await fetch('/fhir/Consent', {
        method: 'POST',
        headers: { 'content-type': 'application/fhir+json', 'x-throughline': 'test' },
        body: JSON.stringify({
          resourceType: 'Consent',
          status: 'active',
          scope: {
            coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
          },
          category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
          patient: { reference },
          dateTime: '2026-01-10',
          policyRule: {
            coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }],
          },
          provision: {
            type: 'deny',
            purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HRESCH' }],
          },
        }),
      })
      return { status: answer.status, text: await answer.text() }
    }, `Patient/${whom}`)
    expect(made).toMatchObject({ status: 201 })
    await physician.goto(`/record/Patient/${whom}?view=consents`)
    await expect.poll(() => physician.getByTestId('consent-row').count(), patient).toBe(1)
    expect(await physician.getByTestId('consent-row').textContent()).toContain('in force')
    await picture(physician, 'consents')
    expect(await seriousFaultsInBoth(physician, () => physician.getByTestId('consent-row').first().waitFor())).toEqual(
      [],
    )
  })
}
