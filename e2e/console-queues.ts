import type { Task } from '@medplum/fhirtypes'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type BrowserHouse, picture, seriousFaults, seriousFaultsInBoth } from '../testkit/browser.ts'

/** Machines are shared: what is waited for comes late at times. */
const patient = { timeout: 30_000 }

/** Filters, watch lists, queues of teams, and acts on several tasks, by keyboard. */
export function queueTests(houseOf: () => BrowserHouse): void {
  let nurse: Page
  let mei: Page
  const made = new Map<string, string>()
  const dialog = (page: Page) => page.getByRole('dialog')
  const rows = (page: Page) => page.getByTestId('task-row')
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
        return JSON.parse(text) as { id: string }
      },
      [method, path, JSON.stringify(body)] as const,
    )
  const own = async (title: string, who: string, more: Partial<Task> = {}) => {
    const { id } = await send(mei, 'POST', '/fhir/Task', {
      resourceType: 'Task',
      status: 'accepted',
      intent: 'order',
      priority: 'stat',
      code: { text: title },
      owner: { reference: `Practitioner/demo-${who}`, display: 'Dr. Mei Tanaka' },
      for: { reference: `Patient/demo-patient-${who === 'mei' ? 2 : 3}` },
      performerType: [{ coding: [{ system: 'urn:throughline:role', code: 'physician' }] }],
      ...more,
    })
    made.set(title, id)
  }
  const open = (page: Page, title: string) => page.goto(`/work?list=mine&task=${made.get(title)}`)
  const shown = (page: Page, title: string) =>
    page.getByTestId('task-detail').getByRole('heading', { level: 2, name: title }).waitFor(patient)

  beforeAll(async () => {
    nurse = await houseOf().open('nadia@demo.example')
    mei = await houseOf().open('mei@demo.example')
    for (const title of ['Call the lab', 'Call the family', 'Write to the school']) await own(title, 'mei')
  }, 90_000)

  test('a filter is kept, chosen by one key, and brought back after it was removed', { timeout: 120_000 }, async () => {
    await nurse.goto('/work?list=queue')
    await rows(nurse).first().waitFor(patient)
    await nurse.keyboard.press('f')
    await dialog(nurse).getByLabel('Due', { exact: true }).selectOption('week')
    await dialog(nurse).getByLabel('Name').fill('This week')
    await dialog(nurse).getByLabel('Who sees it').selectOption('triage-nurse')
    await picture(nurse, 'filter')
    await dialog(nurse).getByRole('button', { name: 'Keep', exact: true }).click()
    const chip = nurse.getByTestId('saved-filter').filter({ hasText: 'This week' })
    await expect.poll(() => chip.getAttribute('aria-current'), patient).not.toBe(null)
    await nurse.getByText('Due within a week').waitFor()
    await picture(nurse, 'filtered')
    await nurse.keyboard.press('0')
    await expect.poll(() => chip.getAttribute('aria-current'), patient).toBe(null)
    await nurse.keyboard.press('1')
    await expect.poll(() => chip.getAttribute('aria-current'), patient).not.toBe(null)
    const colleague = await houseOf().open('luc@demo.example')
    await colleague.goto('/work?list=queue')
    await colleague.getByTestId('saved-filter').filter({ hasText: 'This week' }).waitFor(patient)
    await colleague.context().close()
    await nurse.keyboard.press('f')
    await dialog(nurse).getByRole('button', { name: 'Remove', exact: true }).click()
    await chip.waitFor({ state: 'detached' })
    await nurse.getByRole('button', { name: 'Undo' }).click()
    await chip.waitFor(patient)
    expect(await seriousFaultsInBoth(nurse, () => chip.waitFor())).toEqual([])
  })

  test('several tasks are selected and given to a colleague by keyboard, and it is taken back', {
    timeout: 180_000,
  }, async () => {
    await mei.goto('/work?list=mine&urgency=stat')
    await expect.poll(() => rows(mei).count(), patient).toBe(3)
    await mei.keyboard.press('j')
    await mei.keyboard.press('x')
    await mei.keyboard.press('Shift+ArrowDown')
    await mei.keyboard.press('Shift+ArrowDown')
    await mei.getByTestId('selection-bar').getByText('3 selected').waitFor()
    await picture(mei, 'selected')
    expect(await seriousFaults(mei)).toEqual([])
    await mei.keyboard.press('t')
    const found = dialog(mei).getByTestId('holder')
    await found.first().waitFor(patient)
    await mei.keyboard.type('Okafor')
    await expect.poll(() => found.count()).toBe(1)
    await mei.keyboard.press('Tab')
    await mei.keyboard.press('Space')
    await dialog(mei).getByLabel('Reason').focus()
    await mei.keyboard.type('I am away from noon.')
    await picture(mei, 'bulk-reassign')
    expect(await seriousFaults(mei)).toEqual([])
    await mei.keyboard.press('Control+Enter')
    const results = mei.getByTestId('bulk-results')
    await results.getByText('3 done.').waitFor(patient)
    await expect.poll(() => rows(mei).count(), patient).toBe(0)
    await picture(mei, 'bulk-results')
    await mei.keyboard.press('u')
    await results.getByText('Taken back').waitFor(patient)
    await results.getByText('3 done.').waitFor(patient)
    await expect.poll(() => rows(mei).count(), patient).toBe(3)
    await mei.keyboard.press('Escape')
    await results.waitFor({ state: 'detached' })
  })

  test('a task is watched, and says what changed since it was last looked at', { timeout: 120_000 }, async () => {
    await open(mei, 'Call the lab')
    await shown(mei, 'Call the lab')
    await mei.keyboard.press('w')
    await mei.getByTestId('task-detail').getByRole('button', { name: 'Stop watching' }).waitFor(patient)
    await mei.keyboard.press('g')
    await mei.keyboard.press('v')
    const row = mei.getByTestId('watch-row').filter({ hasText: 'Call the lab' })
    await row.getByText('Nothing changed').waitFor(patient)
    await send(mei, 'POST', `/api/work/${made.get('Call the lab')}/comment`, { text: 'No answer yet.' })
    await row.getByText('1 new note').waitFor(patient)
    await picture(mei, 'watched')
    expect(await seriousFaultsInBoth(mei, () => row.waitFor())).toEqual([])
    await mei.keyboard.press('j')
    await mei.keyboard.press('i')
    await row.getByText('Nothing changed').waitFor(patient)
  })

  test('a duplicate is merged by keyboard into the one that is kept', { timeout: 120_000 }, async () => {
    await open(mei, 'Call the family')
    await shown(mei, 'Call the family')
    await mei.keyboard.press('u')
    const twin = dialog(mei).getByTestId('other-task').filter({ hasText: 'Write to the school' })
    await twin.waitFor(patient)
    await twin.getByRole('radio').focus()
    await mei.keyboard.press('Space')
    await dialog(mei).getByText('Which one is kept').waitFor()
    await picture(mei, 'merge')
    await mei.keyboard.press('Control+Enter')
    await dialog(mei).waitFor({ state: 'detached' })
    await mei
      .getByTestId('task-detail')
      .getByText('Merged with “Write to the school”', { exact: false })
      .waitFor(patient)
    await open(mei, 'Write to the school')
    await mei.getByTestId('task-detail').getByText('Merged into another task:').waitFor(patient)
  })

  test('a task is split into parts, waits for them, and is delegated', { timeout: 150_000 }, async () => {
    await open(mei, 'Call the family')
    await shown(mei, 'Call the family')
    await mei.keyboard.press('p')
    await dialog(mei).getByLabel('Part 1').fill('Find the number')
    await dialog(mei).getByLabel('Part 2').fill('Call in the evening')
    await mei.keyboard.press('Control+Enter')
    await dialog(mei).waitFor({ state: 'detached' })
    await open(mei, 'Call the family')
    await shown(mei, 'Call the family')
    await expect.poll(() => mei.getByTestId('task-detail').getByText('Waits for:').count(), patient).toBe(2)
    await picture(mei, 'split')
    await open(mei, 'Call the lab')
    await shown(mei, 'Call the lab')
    await mei.keyboard.press('l')
    const found = dialog(mei).getByTestId('holder')
    await found.first().waitFor(patient)
    await mei.keyboard.type('Okafor')
    await expect.poll(() => found.count()).toBe(1)
    await mei.keyboard.press('Tab')
    await mei.keyboard.press('Space')
    await dialog(mei).getByLabel('Reason').focus()
    await mei.keyboard.type('You know them.')
    await mei.keyboard.press('Control+Enter')
    await dialog(mei).waitFor({ state: 'detached' })
    await open(mei, 'Call the lab')
    await shown(mei, 'Call the lab')
    await mei.getByTestId('task-detail').locator('.facts').getByText('Dr. David Okafor').waitFor(patient)
  })

  test('queues of teams are counted, picked by a digit, and each number leads to its tasks', {
    timeout: 120_000,
  }, async () => {
    await nurse.keyboard.press('g')
    await nurse.keyboard.press('q')
    await nurse.getByTestId('queue-row').first().waitFor(patient)
    await picture(nurse, 'team-queues')
    expect(await seriousFaultsInBoth(nurse, () => nurse.getByTestId('queue-row').first().waitFor())).toEqual([])
    await nurse.keyboard.press('1')
    await nurse.waitForURL(/list=queue.*role=triage-nurse|role=triage-nurse.*list=queue/)
    await rows(nurse).first().waitFor(patient)
  })
}
