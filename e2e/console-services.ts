import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type BrowserHouse, picture, seriousFaults } from '../testkit/browser.ts'

/** Machines are shared: what is waited for comes late at times. */
const patient = { timeout: 15_000 }

/** The service menu: what can be had where, by whom, and how it is changed. */
export function serviceTests(houseOf: () => BrowserHouse): void {
  let lead: Page

  beforeAll(async () => {
    lead = await houseOf().open('olga@demo.example')
  }, 60_000)

  test('a lead sees what can be had in a state now and by whom, and publishes a service’s next version', {
    timeout: 120_000,
  }, async () => {
    await lead.goto('/team')
    await lead.getByRole('link', { name: 'Services' }).click()
    await lead.getByTestId('service-row').first().waitFor(patient)
    expect(await lead.getByTestId('service-row').count()).toBeGreaterThanOrEqual(12)
    await lead.getByLabel('Offered in').selectOption({ label: 'Ohio' })
    await lead.getByText(/of \d+ can be had now: Ohio/).waitFor(patient)
    await picture(lead, 'services')
    expect(await seriousFaults(lead)).toEqual([])
    const renewal = lead.getByTestId('service-row').filter({ hasText: 'Renewal of a prescription' })
    // The only physician of Ohio has a licence that has ended.
    await renewal.getByText('nobody in two weeks').waitFor(patient)
    await renewal.getByRole('link').first().click()
    const offered = lead.getByTestId('service-offered')
    await offered.getByText('has a licence as a physician in Ohio that has ended').waitFor(patient)
    await picture(lead, 'service')
    expect(await seriousFaults(lead)).toEqual([])
    await lead.getByRole('button', { name: 'New version' }).click()
    const editor = lead.getByTestId('service-editor')
    await editor.getByLabel('Minutes').fill('8')
    await editor.getByLabel('Who may have it').fill('age >= "old"')
    await lead.getByRole('button', { name: 'Check' }).click()
    await lead.getByTestId('service-findings').getByText('eligibility').waitFor(patient)
    await picture(lead, 'service-draft')
    expect(await seriousFaults(lead)).toEqual([])
    await editor.getByLabel('Who may have it').fill('age >= 16')
    await lead.getByRole('button', { name: 'Keep' }).click()
    await lead.getByText('Kept.').waitFor(patient)
    await lead.getByRole('button', { name: 'Publish' }).click()
    await lead.getByRole('dialog').getByRole('button', { name: 'Publish' }).click()
    await lead.getByText('It is on the menu.').waitFor(patient)
    await lead.getByText('age >= 16').waitFor(patient)
  })
  test('a nurse begins a service from the patient’s page, and sees why each other cannot be', {
    timeout: 120_000,
  }, async () => {
    const nurse = await houseOf().open('nadia@demo.example')
    await nurse.goto('/record/Patient/demo-patient-2')
    await nurse.getByRole('link', { name: 'Services', exact: true }).click()
    const rows = nurse.getByTestId('patient-service')
    await rows.first().waitFor(patient)
    expect(await rows.getByTestId('service-bars').count()).toBeGreaterThan(3)
    await picture(nurse, 'patient-services')
    expect(await seriousFaults(nurse)).toEqual([])
    await nurse.getByRole('button', { name: 'Begin: Referral to a specialist' }).click()
    const dialog = nurse.getByRole('dialog')
    await dialog.getByText('Begins the pathway').waitFor(patient)
    await dialog.getByText('No time is booked').waitFor()
    await dialog.getByLabel('Note (optional)').fill('Asked for at the desk')
    await picture(nurse, 'service-begin')
    expect(await seriousFaults(nurse)).toEqual([])
    await dialog.getByRole('button', { name: 'Begin', exact: true }).click()
    await nurse.getByRole('link', { name: 'See its order' }).click()
    await nurse.getByText('Asked for at the desk').first().waitFor(patient)
  })

  test('a nurse notes by keyboard what was done outside the system, and a lead sees at which step and why', {
    timeout: 120_000,
  }, async () => {
    const nurse = await houseOf().open('luc@demo.example')
    await nurse.goto('/work?list=queue')
    await nurse.getByTestId('task-row').first().waitFor(patient)
    await nurse.keyboard.press('j')
    await nurse.getByTestId('task-detail').waitFor(patient)
    await nurse.keyboard.press('o')
    const dialog = nurse.getByRole('dialog')
    await dialog.getByLabel('Ce qui a été fait').fill('Rappel par télécopie')
    await dialog.getByLabel('Pourquoi').selectOption('system-cannot')
    await dialog.getByLabel('Minutes perdues').fill('15')
    await picture(nurse, 'off-system')
    expect(await seriousFaults(nurse)).toEqual([])
    await nurse.keyboard.press('Control+Enter')
    await nurse.getByTestId('task-detail').getByText('Rappel par télécopie').waitFor(patient)
    await lead.goto('/overrides')
    const row = lead.getByTestId('override-row').filter({ hasText: 'done outside the system' })
    await row.getByText('The system cannot do it').waitFor(patient)
    await row.getByRole('button', { name: '1' }).click()
    await lead.getByTestId('override-list').getByText('Luc Gagnon').waitFor(patient)
    await picture(lead, 'overrides')
    expect(await seriousFaults(lead)).toEqual([])
  })
}
