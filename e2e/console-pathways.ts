import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BrowserHouse, picture, seriousFaultsInBoth } from '../testkit/browser.ts'

/** Machines are shared: what is waited for comes late at times. */
const patient = { timeout: 20_000 }

/** How two people change a pathway: one writes, the other reviews and sets it live. */
export function pathwayTests(houseOf: () => BrowserHouse): void {
  let olga: Page
  let david: Page
  let address = ''

  beforeAll(async () => {
    olga = await houseOf().open('olga@demo.example')
    david = await houseOf().open('david@demo.example')
  }, 60_000)
  afterAll(async () => {
    await olga.context().close()
    await david.context().close()
  })
  const dialog = (page: Page) => page.getByRole('dialog')
  const tab = (page: Page, name: string) => page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name })

  test('the lead changes a title in a draft; a change that a scenario objects to cannot go live', {
    timeout: 90_000,
  }, async () => {
    await olga.goto('/pathways')
    await olga.getByTestId('pathway-row').first().waitFor()
    await olga.getByRole('link', { name: 'Referral intake to first visit' }).click()
    await olga.getByRole('button', { name: 'Change it' }).click()
    await olga.waitForURL(/\/pathways\/drafts\//)
    address = new URL(olga.url()).pathname
    // The page before has views of the same names; this one alone has comments.
    await tab(olga, 'Comments').waitFor(patient)
    await tab(olga, 'YAML').click()
    const field = olga.getByRole('textbox', { name: 'Source' })
    const source = await field.inputValue()
    expect(source).toContain('outcome: seen')
    await field.fill(source.replace('outcome: seen', 'outcome: was-seen'))
    await olga.getByRole('button', { name: 'Save', exact: true }).click()
    await olga.getByText('Saved.', { exact: true }).waitFor(patient)
    await olga.getByText('This cannot go live yet:').waitFor(patient)
    await tab(olga, 'Scenarios').click()
    await olga.getByText('fails').first().waitFor(patient)
    await picture(olga, 'draft-scenarios')
    await tab(olga, 'YAML').click()
    await field.fill(source.replace('title: {en: Triage the referral', 'title: {en: Triage this referral'))
    await olga.getByRole('button', { name: 'Save', exact: true }).click()
    await olga.getByText('The checker and the scenarios let this go live.').waitFor(patient)
    await tab(olga, 'Changes').click()
    await olga.getByTestId('said-change').filter({ hasText: 'is now called “Triage this referral”' }).waitFor(patient)
    await olga.locator('.react-flow__node').first().waitFor()
    await picture(olga, 'draft-changes')
    expect(await seriousFaultsInBoth(olga, () => olga.getByTestId('said-change').first().waitFor())).toEqual([])
  })

  test('two who write at once: the second sees both texts and chooses', { timeout: 60_000 }, async () => {
    await olga.goto(`${address}?show=source`)
    await david.goto(`${address}?show=source`)
    const fields = [olga, david].map((page) => page.getByRole('textbox', { name: 'Source' }))
    for (const [index, field] of fields.entries())
      await field.fill(`${await field.inputValue()}# ${index === 0 ? 'of Olga' : 'of David'}\n`)
    await david.getByRole('button', { name: 'Save', exact: true }).click()
    await david.getByText('Saved.', { exact: true }).waitFor(patient)
    await olga.getByRole('button', { name: 'Save', exact: true }).click()
    await olga.getByTestId('stale').getByText('Changed by Dr. David Okafor', { exact: false }).waitFor(patient)
    await olga.getByTestId('stale').getByText('# of David').waitFor()
    await olga.getByTestId('stale').getByText('# of Olga').waitFor()
    await olga.getByRole('button', { name: 'Save mine over it' }).click()
    await olga.getByText('Saved.', { exact: true }).waitFor(patient)
    expect(await fields[0]?.inputValue()).toContain('# of Olga')
  })

  test('the writer asks for review and cannot approve; the director says something, sends back, and then approves', {
    timeout: 120_000,
  }, async () => {
    const ask = async () => {
      await olga.getByRole('button', { name: 'Ask for review' }).click()
      await dialog(olga).getByLabel('What changes, and why?').fill('The old title was mistaken for another task')
      await dialog(olga).getByRole('button', { name: 'Ask for review' }).click()
      await olga.getByText('You wrote last in it: somebody else must approve.').waitFor(patient)
    }
    await ask()
    expect(await olga.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0)
    await david.goto('/pathways?show=drafts')
    await david.getByTestId('draft-row').getByText('in review').waitFor(patient)
    await david.getByTestId('draft-row').getByRole('link').first().click()
    await tab(david, 'Comments').click()
    await david.getByLabel('About').selectOption({ label: 'Triage this referral' })
    await david.getByRole('textbox', { name: 'Comment' }).fill('Say “the referral”, please')
    await david.getByRole('button', { name: 'Comment', exact: true }).click()
    await david.getByTestId('comment').getByText('Say “the referral”, please').waitFor(patient)
    expect(await seriousFaultsInBoth(david, () => david.getByTestId('comment').first().waitFor())).toEqual([])
    await david.getByRole('button', { name: 'Send back' }).click()
    await dialog(david).getByLabel('What should change?').fill('See the comment')
    await dialog(david).getByRole('button', { name: 'Send back' }).click()
    await dialog(david).waitFor({ state: 'detached' })

    await olga.goto(`${address}?show=comments`)
    await olga.getByRole('button', { name: 'Dealt with' }).click()
    await olga.getByText('Dealt with by Olga Lindqvist').waitFor(patient)
    await ask()
    await david.goto(address)
    await david.getByRole('button', { name: 'Approve', exact: true }).click()
    await dialog(david).getByRole('button', { name: 'Approve' }).click()
    await david.getByRole('button', { name: 'Set live…' }).waitFor(patient)
    await olga.goto(address)
    await olga.getByText('You wrote last in it: somebody else must set it live.').waitFor(patient)
  })

  test('the director sets it live; the version says who wrote, who approved and why', { timeout: 90_000 }, async () => {
    await david.getByRole('button', { name: 'Set live…' }).click()
    await dialog(david).getByText('Only at some clinics').waitFor()
    await dialog(david).getByRole('button', { name: 'Set live', exact: true }).click()
    await david.waitForURL(/\/pathways\/referral-intake/)
    await dialog(david).waitFor({ state: 'detached' })
    await david.getByText('The old title was mistaken for another task').waitFor(patient)
    await david.getByText('approved by Dr. David Okafor', { exact: false }).waitFor()
    await david.locator('.react-flow__node').first().waitFor()
    await picture(david, 'pathway')
    expect(await seriousFaultsInBoth(david, () => david.locator('.react-flow__node').first().waitFor())).toEqual([])
    await tab(david, 'History').click()
    await david.getByTestId('happened-row').filter({ hasText: 'Set live' }).first().waitFor(patient)
  })

  test('in an emergency one person brings the old version back; the other seconds it', {
    timeout: 90_000,
  }, async () => {
    await david.goto('/pathways/referral-intake?version=1')
    await david.getByRole('button', { name: 'Roll back to this…' }).click()
    await dialog(david).getByLabel('What changes, and why?').fill('The new title confused the night shift')
    await dialog(david).getByLabel('This is an emergency: set it live now, by myself').check()
    await dialog(david).getByLabel('What is the emergency?').fill('Referrals are left untouched')
    await dialog(david).getByRole('button', { name: 'Roll back now' }).click()
    await david.getByText('brought this back alone in an emergency', { exact: false }).waitFor(patient)
    expect(await david.getByRole('button', { name: 'Second this emergency…' }).count()).toBe(1)
    await david.getByRole('button', { name: 'Second this emergency…' }).click()
    await dialog(david).getByLabel('Note').fill('I would')
    await dialog(david).getByRole('button', { name: 'Second it' }).click()
    await dialog(david).getByText('somebody else must second it', { exact: false }).waitFor(patient)
    await olga.goto('/pathways/referral-intake')
    await olga.getByRole('button', { name: 'Second this emergency…' }).click()
    await dialog(olga).getByLabel('Note').fill('Right to do')
    await dialog(olga).getByRole('button', { name: 'Second it' }).click()
    await olga.getByText('Seconded by Olga Lindqvist.').waitFor(patient)
  })

  test('a pathway of the catalogue is looked at and taken up as a draft', { timeout: 60_000 }, async () => {
    await olga.goto('/pathways?show=catalogue')
    const card = olga.getByTestId('catalogue-card').filter({ hasText: 'iab' })
    await card.getByRole('button', { name: 'Show the picture' }).click()
    await olga.locator('.react-flow__node').first().waitFor()
    await picture(olga, 'catalogue')
    expect(await seriousFaultsInBoth(olga, () => card.waitFor())).toEqual([])
    await card.getByRole('button', { name: 'Take it up' }).click()
    await olga.waitForURL(/\/pathways\/drafts\//)
    await olga.getByText('The checker and the scenarios let this go live.').waitFor(patient)
  })
}
