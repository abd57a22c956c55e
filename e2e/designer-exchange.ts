import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { picture } from '../testkit/browser.ts'
import { type Bench, patient } from './designer-bench.ts'

const long = { timeout: 120_000 }

/** What comes into the designer from elsewhere: real journeys, and FHIR. */
export function exchangeTests(benchOf: () => Bench): void {
  test('a real journey becomes a scenario, without the patient’s name', long, async () => {
    const bench = benchOf()
    const { page } = bench
    await bench.begin('referral-intake')
    await bench.tab('Try out')
    await page.getByTestId('preview').getByRole('button', { name: 'From a real journey…' }).click()
    const dialog = page.getByRole('dialog', { name: 'From a real journey' })
    const first = dialog.getByTestId('recordable').first()
    const [name = ''] = (await first.innerText()).split(' · ')
    await first.click(patient)
    const text = await dialog.getByTestId('recorded').innerText()
    expect(text).toContain('pathway: referral-intake')
    expect(name.split(' ').filter((part) => text.includes(part))).toEqual([])
    await picture(page, 'designer-recorded')
    await dialog.getByLabel('Name of the scenario').fill('As it went in February')
    await dialog.getByRole('button', { name: 'Save as a scenario' }).click()
    await bench.tab('Scenarios')
    const own = page.getByTestId('scenario').filter({ hasText: 'As it went in February' })
    await expect.poll(() => own.getAttribute('data-ok'), patient).toBe('true')
  })

  test('a pathway leaves as FHIR, and what comes back begins a draft of it', long, async () => {
    const { page } = benchOf()
    await page.goto('/pathways/lab-follow-up?version=1')
    const leaving = page.waitForEvent('download', patient)
    await page.getByRole('link', { name: 'As FHIR' }).click(patient)
    const file = await (await leaving).path()
    await page.goto('/pathways')
    await page.getByRole('button', { name: 'Import from FHIR…' }).click(patient)
    const dialog = page.getByRole('dialog', { name: 'Import from FHIR' })
    await dialog.locator('input[type=file]').setInputFiles({
      name: 'lab-follow-up.json',
      mimeType: 'application/json',
      buffer: readFileSync(file),
    })
    await dialog.getByText('It is one of ours').waitFor(patient)
    await picture(page, 'pathway-import')
    await dialog.getByRole('button', { name: 'Begin the draft' }).click()
    await page.waitForURL(/\/pathways\/drafts\//, patient)
    await page.getByRole('heading', { level: 1 }).waitFor(patient)
  })
}
