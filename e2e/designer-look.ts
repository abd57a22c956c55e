import { expect, test } from 'vitest'
import { picture, seriousFaults, speak } from '../testkit/browser.ts'
import { type Bench, callAs, patient } from './designer-bench.ts'

const long = { timeout: 120_000 }

/** The bench itself: keyboard, text and picture, undo, comments, two people at once. */
export function benchTests(benchOf: () => Bench): void {
  test('the picture is gone through and changed by keyboard alone, and undone', long, async () => {
    const bench = benchOf()
    const { page } = bench
    await bench.begin('referral-intake')
    const canvas = page.getByRole('application', { name: /^Picture of the pathway/ })
    await canvas.focus()
    await page.keyboard.press('ArrowDown')
    await page.getByTestId('step-form').waitFor(patient)
    await page.keyboard.press('ArrowDown')
    const first = await page.getByTestId('step-form').getByRole('heading').first().innerText()
    await page.keyboard.press('a')
    await bench.fillAdd('task', { en: 'Look twice', fr: 'Regarder deux fois' })
    await page.getByTestId('node-look-twice').waitFor(patient)
    await canvas.focus()
    await page.keyboard.press('Delete')
    await page.getByTestId('node-look-twice').waitFor({ state: 'detached', ...patient })
    await page.keyboard.press('Control+z')
    await page.getByTestId('node-look-twice').waitFor(patient)
    await page.keyboard.press('Control+z')
    await page.getByTestId('node-look-twice').waitFor({ state: 'detached', ...patient })
    await page.keyboard.press('Control+y')
    await page.getByTestId('node-look-twice').waitFor(patient)
    await page.keyboard.press('Control+z')
    expect(first).not.toBe('')
  })

  test('text and picture are the same, and a text that cannot be read leaves the last picture', long, async () => {
    const bench = benchOf()
    const { page } = bench
    await bench.tab('Text')
    const text = page.getByLabel('Source')
    const before = await text.inputValue()
    expect(before).toContain('# A referral comes in; a patient is seen.')
    await text.fill(before.replaceAll('Triage the referral', 'Read the referral'))
    await page.getByTestId('node-triage').getByText('Read the referral').waitFor(patient)
    await text.fill(`${before}\n  - [`)
    await page.getByText('The text cannot be read as it stands.').waitFor(patient)
    await page.getByTestId('node-triage').waitFor(patient)
    await text.fill(before)
    await page.getByTestId('node-triage').getByText('Triage the referral').waitFor(patient)
  })

  test('what is wrong is said at its step and leads there', long, async () => {
    const bench = benchOf()
    const { page } = bench
    await bench.tab('Edit')
    await bench.choose('chase-referrer')
    await bench
      .form()
      .getByLabel('Otherwise, due within')
      .or(bench.form().getByLabel('Due within', { exact: true }))
      .first()
      .fill('')
    await bench.form().getByRole('button', { name: 'Do not follow “Documents from the referrer”' }).click()
    await bench.tab('Check')
    await page.getByTestId('design-findings').waitFor(patient)
    await picture(page, 'designer-check')
    await page.keyboard.press('Control+z')
    await page.keyboard.press('Control+z')
  })

  test('people comment on a step, and what two save at once is not lost', long, async () => {
    const bench = benchOf()
    const { page, reviewer } = bench
    await bench.tab('Edit')
    await bench.choose('triage')
    await bench.tab('Comments')
    await page.getByLabel('Comment on “Triage the referral”').fill('Is four hours still right?')
    await page.getByRole('button', { name: 'Comment', exact: true }).click()
    await page.getByText('Is four hours still right?').last().waitFor(patient)
    await page.locator('[data-testid="save-state"][data-state="saved"]').waitFor(patient)
    const draft = new URL(page.url()).pathname.split('/').at(-1) ?? ''
    const theirs = (await callAs(reviewer, 'GET', `/api/drafts/${draft}`)).body as { revision: number; source: string }
    const saved = await callAs(reviewer, 'PUT', `/api/drafts/${draft}`, {
      revision: theirs.revision,
      source: `${theirs.source}# David was here\n`,
    })
    expect(saved.status).toBe(200)
    await bench.tab('Edit')
    await bench.form().getByLabel('Title · EN').first().fill('Triage it')
    const dialog = page.getByRole('dialog', { name: 'Somebody else changed this draft' })
    await dialog.getByText('David Okafor').waitFor(patient)
    await dialog.getByRole('button', { name: 'Keep mine' }).click()
    await dialog.waitFor({ state: 'detached', ...patient })
    await page.locator('[data-testid="save-state"][data-state="saved"]').waitFor(patient)
    expect(((await callAs(page, 'GET', `/api/drafts/${draft}`)).body as { source: string }).source).toContain(
      'Triage it',
    )
  })

  test('it stands before axe in both languages, and looks as it should', long, async () => {
    const bench = benchOf()
    const { page } = bench
    const faults: string[] = []
    for (const language of ['fr', 'en'] as const) {
      await speak(page, language)
      for (const tab of [0, 1, 2, 3, 4, 5]) {
        await page.getByRole('tab').nth(tab).click()
        await page.waitForTimeout(200)
        faults.push(...(await seriousFaults(page)).map((fault) => `${language} ${tab} ${fault}`))
        if (tab === 0) await picture(page, language === 'fr' ? 'designer-fr' : 'designer')
        if (tab === 3) {
          await page.getByTestId('preview').getByRole('button').nth(3).click()
          await picture(page, language === 'fr' ? 'designer-preview-fr' : 'designer-preview')
        }
      }
    }
    expect(faults).toEqual([])
  })
}
