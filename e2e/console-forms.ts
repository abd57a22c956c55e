import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type BrowserHouse, picture, seriousFaultsInBoth } from '../testkit/browser.ts'

/** Machines are shared: what is waited for comes late at times. */
const patient = { timeout: 15_000 }

/** Calls the server as the page's own person. */
const call = (page: Page, method: string, path: string, body?: unknown) =>
  page.evaluate(
    async ([how, where, what]) => {
      const answer = await fetch(where, {
        method: how,
        headers: { 'content-type': 'application/json', 'x-throughline': 'test' },
        ...(what === undefined ? {} : { body: JSON.stringify(what) }),
      })
      return (await answer.json()) as Record<string, unknown>
    },
    [method, path, body] as const,
  )

/** Forms: a task filled in by keyboard, its draft kept, and a form written, published and asked without an engineer. */
export function formTests(houseOf: () => BrowserHouse): void {
  let page: Page
  let someone = ''

  const askFor = async (questionnaire: string, title: string) => {
    const task = await call(page, 'POST', '/fhir/Task', {
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      code: { text: title },
      for: { reference: someone },
      performerType: [{ coding: [{ system: 'urn:throughline:role', code: 'operations-lead' }] }],
      input: [{ type: { text: 'questionnaire' }, valueCanonical: questionnaire }],
    })
    return String(task['id'])
  }

  beforeAll(async () => {
    page = await houseOf().open('olga@demo.example')
    const found = (await call(page, 'GET', '/fhir/Patient?_count=1')) as { entry: { resource: { id: string } }[] }
    someone = `Patient/${found.entry[0]?.resource.id}`
  }, 60_000)

  test('a PHQ-9 is filled in by keyboard alone; its draft outlives a reload, and its score is there to read', {
    timeout: 90_000,
  }, async () => {
    const id = await askFor('https://throughline.example/forms/phq-9', 'Ask the PHQ-9')
    await page.goto(`/work?list=queue&task=${id}`)
    const form = page.getByTestId('task-form')
    await form.getByText('Take this task').waitFor(patient)
    await page.keyboard.press('c')
    const first = form.getByRole('radio').first()
    await first.waitFor(patient)
    await first.focus()
    for (const digit of ['3', '2', '1', '4', '1', '1', '1', '1']) {
      await page.keyboard.press(digit)
      await page.keyboard.press('Enter')
    }
    await form.getByText('Draft kept').waitFor(patient)
    await form.getByText('1 answer to look at').waitFor(patient)
    await picture(page, 'form-filling')
    await page.reload()
    await form.getByRole('radio', { checked: true }).nth(7).waitFor(patient)
    await form.getByRole('button', { name: 'Send in' }).click()
    await form.getByText('Is not answered').waitFor(patient)
    await form.locator('[data-question="9"] input').first().focus()
    await page.keyboard.press('1')
    await expect.poll(() => form.locator('[data-question="total"] output').textContent(), patient).toBe('6')
    expect(await form.locator('[data-question="band"] output').textContent()).toBe('Mild')
    expect(await seriousFaultsInBoth(page, () => form.waitFor())).toEqual([])
    await form.getByRole('button', { name: 'Send in' }).click()
    await page.getByText('Completed: Ask the PHQ-9').waitFor(patient)
    await page.goto(`/work?list=done&task=${id}`)
    await form.getByText('Mild').waitFor(patient)
    await picture(page, 'form-answers')
    expect((await call(page, 'GET', `/fhir/QuestionnaireResponse/${id}`))['status']).toBe('completed')
  })

  test('who cannot get answers says why', { timeout: 60_000 }, async () => {
    const id = await askFor('https://throughline.example/forms/falls-risk', 'Ask about falls')
    await page.goto(`/work?list=queue&task=${id}`)
    const detail = page.getByTestId('task-detail')
    await detail.getByTestId('task-form').getByText('Take this task').waitFor(patient)
    await page.keyboard.press('c')
    await detail.getByRole('button', { name: 'Cannot be filled in' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('textarea').fill('Does not want to answer')
    await page.keyboard.press('Control+Enter')
    await dialog.waitFor({ state: 'detached' })
    expect(await call(page, 'GET', `/api/work/${id}`)).toMatchObject({ status: 'failed' })
  })

  test('a form is written in both languages, with a condition and a score, checked, published, and asked', {
    timeout: 120_000,
  }, async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('f')
    await page.getByRole('link', { name: 'Depression: PHQ-9' }).waitFor(patient)
    await picture(page, 'forms')
    await page.getByRole('button', { name: 'New form' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Title (English)').fill('Sleep')
    await dialog.getByLabel('Title (French)').fill('Sommeil')
    await dialog.getByRole('button', { name: 'New form' }).click()
    await page.getByRole('heading', { name: 'Sleep' }).waitFor(patient)
    const question = page.getByRole('region', { name: 'The question' })
    await question.getByLabel('What is asked (English)').fill('How do you sleep?')
    await question.getByLabel('What is asked (French)').fill('Comment dormez-vous ?')
    await question.getByLabel('Kind of answer').selectOption('choice')
    for (const [index, [en, fr, score]] of [
      ['Well', 'Bien', '0'],
      ['Badly', 'Mal', '2'],
    ].entries()) {
      await question.getByRole('button', { name: 'Add a choice' }).click()
      await question.getByLabel(`English ${index + 1}`, { exact: true }).fill(en ?? '')
      await question.getByLabel(`French ${index + 1}`, { exact: true }).fill(fr ?? '')
      await question.getByLabel(`Counts for ${index + 1}`).fill(score ?? '')
    }
    await page.getByRole('button', { name: 'Add a question' }).click()
    await question.getByLabel('What is asked (English)').fill('Since when?')
    await question.getByLabel('What is asked (French)').fill('Depuis quand ?')
    await question.getByLabel('Must be answered').check()
    await question.getByRole('button', { name: 'Add a condition' }).click()
    await question.getByLabel('Answer 1').selectOption('badly')
    const preview = page.getByRole('region', { name: 'Preview' })
    expect(await preview.getByText('Since when?').count()).toBe(0)
    await preview.getByText('Badly').click()
    await preview.getByText('Since when?').waitFor(patient)
    await preview.getByText('Score of the answers: 2').waitFor(patient)
    await page.getByText('Draft kept').waitFor(patient)
    await picture(page, 'form-editor')
    expect(await page.getByTestId('form-findings').count()).toBe(0)
    expect(await seriousFaultsInBoth(page, () => page.locator('.outline').waitFor())).toEqual([])
    await page.getByText('You wrote last in it').waitFor(patient)
    expect(await page.getByRole('button', { name: 'Publish' }).isDisabled()).toBe(true)
    const second = await houseOf().open('david@demo.example')
    await second.goto(new URL(page.url()).pathname)
    await second.getByRole('button', { name: 'Publish' }).click()
    await second.getByText('Olga').last().waitFor(patient)
    await second.getByRole('dialog').getByRole('button', { name: 'Publish' }).click()
    await second.getByText('The form is published.').waitFor(patient)
    expect(await second.getByRole('button', { name: 'Add a question' }).count()).toBe(0)
    await second.context().close()
    const url = (await page.locator('header code').textContent()) ?? ''
    const id = await askFor(url, 'Ask about sleep')
    await page.goto(`/work?list=queue&task=${id}`)
    await page.getByTestId('task-form').getByText('Take this task').waitFor(patient)
    await page.keyboard.press('c')
    await page.getByTestId('task-form').getByText('How do you sleep?').waitFor(patient)
  })
}
