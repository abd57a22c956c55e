import type { Task } from '@medplum/fhirtypes'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type BrowserHouse, picture, seriousFaults } from '../testkit/browser.ts'

/** Machines are shared: what is waited for comes late at times. */
const patient = { timeout: 30_000 }

const send = (page: Page, method: string, path: string, body: unknown) =>
  page.evaluate(
    async ([how, where, what]) => {
      const answer = await fetch(where, {
        method: how,
        headers: {
          'content-type': where.startsWith('/fhir') ? 'application/fhir+json' : 'application/json',
          'x-throughline': 'test',
        },
        body: what,
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${how} ${where}: ${answer.status} ${text}`)
      return JSON.parse(text) as Record<string, unknown>
    },
    [method, path, JSON.stringify(body)] as const,
  )

/** A clinician at work by keyboard alone. */
export function sessionTests(houseOf: () => BrowserHouse): void {
  let page: Page
  const david = { reference: 'Practitioner/demo-david', display: 'Dr. David Okafor' }
  const own = (title: string, more: Partial<Task> = {}): Task => ({
    resourceType: 'Task',
    status: 'accepted',
    intent: 'order',
    code: { text: title },
    owner: david,
    for: { reference: 'Patient/demo-patient-1' },
    performerType: [{ coding: [{ system: 'urn:throughline:role', code: 'physician' }] }],
    ...more,
  })
  const outcome = (code: string, title: string) => ({
    url: 'urn:throughline:outcome',
    extension: [
      { url: 'code', valueCode: code },
      { url: 'en', valueString: title },
      { url: 'fr', valueString: title },
    ],
  })

  beforeAll(async () => {
    page = await houseOf().open('david@demo.example')
  }, 60_000)

  test('a clinician clears ten mixed tasks without touching the mouse', { timeout: 240_000 }, async () => {
    // What is theirs: an own signature to give, a result and a message from the lists, and seven that colleagues gave them.
    const colleague = await houseOf().open('mei@demo.example')
    const order = await send(colleague, 'POST', '/fhir/Task', {
      ...own('Order an opioid for a new patient'),
      owner: { reference: 'Practitioner/demo-mei', display: 'Dr. Mei Tanaka' },
      extension: [{ url: 'urn:throughline:jurisdiction', valueCode: 'CA-ON' }],
    })
    const asked = await send(colleague, 'POST', `/api/work/${String(order['id'])}/ask-sign-off`, {
      note: 'Please look at the dose.',
      role: 'physician',
    })
    const [signature] = asked['waitsFor'] as { id: string }[]
    await colleague.context().close()
    const held = await page.evaluate(async () => {
      const list: { items: { id: string }[] } = await (await fetch('/api/work?list=mine')).json()
      return list.items.map(({ id }) => id)
    })
    for (const id of held) await send(page, 'POST', `/api/work/${id}/release`, {})
    await send(page, 'POST', `/api/work/${signature?.id}/claim`, {})
    await send(page, 'POST', '/api/lists/results/take', { reference: 'Observation/demo-foreign-1' })
    await send(page, 'POST', '/api/lists/messages/take', { reference: 'Communication/demo-asked-3' })
    const triage = { extension: [outcome('accept', 'Accept'), outcome('redirect', 'Redirect')] }
    const form = {
      input: [{ type: { text: 'questionnaire' }, valueCanonical: 'https://throughline.example/forms/falls-risk' }],
    }
    for (const task of [
      own('Triage a referral', { ...triage, priority: 'urgent' }),
      own('Triage another referral', triage),
      own('Ask about falls', form),
      own('Call about the visit'),
      own('Call the pharmacy'),
      own('Read the discharge letter'),
      own('Review the medication list', { priority: 'asap' }),
    ])
      await send(page, 'POST', '/fhir/Task', task)

    await page.goto('/work?list=mine')
    await expect.poll(() => page.getByTestId('task-row').count(), patient).toBe(10)
    // From here on no mouse: every event of a pointer would be counted.
    await page.evaluate(() => {
      const seen = window as unknown as { pointed: number }
      seen.pointed = 0
      for (const kind of ['pointerdown', 'mousedown', 'touchstart'])
        document.addEventListener(kind, () => (seen.pointed += 1), true)
    })
    await page.keyboard.press('b')
    const state = page.getByTestId('session-state')
    const detail = page.getByTestId('task-detail')
    const cleared: string[] = []
    for (let n = 1; n <= 10; n += 1) {
      await detail.waitFor(patient)
      const title = (await detail.getByRole('heading', { level: 2 }).textContent()) ?? ''
      cleared.push(title)
      if (n === 1) {
        await picture(page, 'session')
        expect(await seriousFaults(page)).toEqual([])
      }
      if (title === 'Answer a message') {
        await page.getByTestId('task-thread').waitFor(patient)
        await page.keyboard.press('y')
        await page.keyboard.type('Yes, go on with them until we meet.')
        await page.keyboard.press('Control+Enter')
        await page.getByTestId('task-thread').getByText('Yes, go on with them until we meet.').waitFor(patient)
        await expect.poll(() => page.evaluate(() => document.activeElement?.tagName), patient).not.toBe('TEXTAREA')
      }
      if (title === 'Ask about falls') {
        const sheet = page.getByTestId('task-form')
        await sheet.getByRole('button', { name: 'Send in' }).waitFor(patient)
        // Tab reaches the questions; the space bar or an arrow answers.
        for (let question = 0; question < 3; question += 1) await answerNo(page, question)
        await sheet.getByRole('button', { name: 'Send in' }).focus()
        await page.keyboard.press('Enter')
      } else {
        await page.keyboard.press('e')
        const dialog = page.getByRole('dialog')
        await dialog.waitFor(patient)
        const outcomes = await dialog.getByRole('radio').count()
        if (outcomes > 0) await page.keyboard.press('Space')
        else await page.keyboard.type('Done.')
        await page.keyboard.press('Control+Enter')
      }
      await expect.poll(() => state.textContent(), patient).toContain(`${n} done`)
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    expect(await page.evaluate(() => (window as unknown as { pointed: number }).pointed)).toBe(0)
    expect(new Set(cleared)).toEqual(
      new Set([
        'Sign: Order an opioid for a new patient',
        'Acknowledge an abnormal result',
        'Answer a message',
        'Triage a referral',
        'Triage another referral',
        'Ask about falls',
        'Call about the visit',
        'Call the pharmacy',
        'Read the discharge letter',
        'Review the medication list',
      ]),
    )
  })
}

/** Answers a yes-or-no question of the form by its keys. */
async function answerNo(page: Page, question: number): Promise<void> {
  const last = page.getByTestId('task-form').locator('.form-question').nth(question).getByRole('radio').last()
  await last.focus()
  await page.keyboard.press('Space')
}
