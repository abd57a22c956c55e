import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { BrowserHouse } from '../testkit/browser.ts'

/** Machines are shared: what is waited for comes late at times. */
export const patient = { timeout: 30_000 }

interface DraftShown {
  id: string
  pathway: string
  revision: number
  version: number | null
  status: string
}

/** Olga, who never saw YAML, at the designer; and David, who reads what she asks to be reviewed. */
export interface Bench {
  page: Page
  reviewer: Page
  /** Begins a draft of a version and opens it in the designer. */
  begin(pathway: string): Promise<void>
  /** Begins a draft of a pathway of the catalogue and opens it. */
  adopt(pathway: string): Promise<void>
  choose(step: string): Promise<void>
  whole(): Promise<void>
  form(): ReturnType<Page['getByTestId']>
  tab(name: string): Promise<void>
  /** Adds a step by the dialog that is open. */
  fillAdd(kind: string, title: { en: string; fr: string }): Promise<void>
  /** Writes a scenario and sees it pass; takes away those that the change has made untrue. */
  scenario(lines: string, head?: string): Promise<void>
  /** Asks for the review, which another person gives, who sets it live too. */
  publish(why: string, clinics?: readonly string[]): Promise<number>
}

const call = (page: Page, method: string, path: string, body?: unknown) =>
  page.evaluate(
    async ([how, where, what]) => {
      const answer = await fetch(where, {
        method: how,
        headers: { 'content-type': 'application/json', 'x-throughline': 'test' },
        ...(how === 'GET' ? {} : { body: what }),
      })
      return { status: answer.status, body: await answer.json().catch(() => null) }
    },
    [method, path, JSON.stringify(body ?? {})] as const,
  )

export async function openBench(house: BrowserHouse): Promise<Bench> {
  const page = await house.open('olga@demo.example', { width: 1440, height: 900 })
  const reviewer = await house.open('david@demo.example')
  const saved = () => page.locator('[data-testid="save-state"][data-state="saved"]').waitFor(patient)
  const bench: Bench = {
    page,
    reviewer,
    async begin(pathway) {
      // Referrals each time from their first version, so that no change stands in another's way.
      await page.goto(`/pathways/${pathway}${pathway === 'referral-intake' ? '?version=1' : ''}`)
      await page.getByRole('button', { name: 'Edit in the designer' }).click(patient)
      await page.getByTestId('pathway-form').waitFor(patient)
      await page.locator('.react-flow__node-design').first().waitFor(patient)
    },
    async adopt(pathway) {
      const { status, body } = await call(page, 'POST', '/api/drafts', { catalogue: pathway })
      expect(status).toBe(201)
      await page.goto(`/pathways/${pathway}/design/${(body as DraftShown).id}`)
      await page.getByTestId('pathway-form').waitFor(patient)
    },
    async choose(step) {
      await page.getByTestId(`outline-${step}`).click()
      await page.getByTestId('step-form').waitFor(patient)
    },
    whole: () => page.getByRole('button', { name: 'Whole pathway' }).click(),
    form: () => page.getByTestId('step-form'),
    tab: (name) => page.getByRole('tab', { name }).click(),
    async fillAdd(kind, { en, fr }) {
      const dialog = page.getByRole('dialog')
      await dialog.locator(`label:has(input[value="${kind}"])`).click()
      await dialog.getByLabel('Title · EN').fill(en)
      await dialog.getByLabel('Title · FR').fill(fr)
      await dialog.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByTestId('step-form').getByRole('heading', { name: en }).waitFor(patient)
    },
    async scenario(lines, head = '') {
      await bench.tab('Scenarios')
      const panel = page.getByTestId('scenarios')
      await panel.getByText('Write a scenario').click()
      const field = panel.getByRole('textbox')
      const [first = ''] = (await field.inputValue()).split('\nlines:')
      await field.fill(`${first}\n${head}lines:\n${lines}`)
      const own = panel.getByTestId('scenario').filter({ has: page.getByRole('textbox') })
      // It is judged anew a moment after each change, the last of which may have been just now.
      await expect
        .poll(() => own.getAttribute('data-ok'), { timeout: 10_000 })
        .toBe('true')
        .catch(async () => {
          throw new Error(await own.innerText())
        })
      const untrue = panel.locator('[data-testid="scenario"][data-ok="false"]')
      for (let left = await untrue.count(); left > 0; left -= 1)
        await untrue
          .first()
          .getByRole('button', { name: /^Remove the scenario/ })
          .click()
      await expect.poll(() => untrue.count(), patient).toBe(0)
    },
    async publish(why, clinics) {
      await saved()
      const draft = new URL(page.url()).pathname.split('/').at(-1) ?? ''
      await page.getByRole('button', { name: 'Ask for review' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('What changes, and why').fill(why)
      await dialog.getByRole('button', { name: 'Ask for review' }).click()
      await dialog.waitFor({ state: 'detached', ...patient })
      const asked = (await call(reviewer, 'GET', `/api/drafts/${draft}`)).body as DraftShown
      expect(asked.status).toBe('in-review')
      // Who wrote it may not approve it.
      const own = await call(page, 'POST', `/api/drafts/${draft}/approve`, { revision: asked.revision })
      expect(own.status).toBe(403)
      const approved = await call(reviewer, 'POST', `/api/drafts/${draft}/approve`, { revision: asked.revision })
      expect(approved).toMatchObject({ status: 200 })
      const { revision } = (await call(reviewer, 'GET', `/api/drafts/${draft}`)).body as DraftShown
      const live = await call(reviewer, 'POST', `/api/drafts/${draft}/publish`, {
        revision,
        ...(clinics ? { clinics } : {}),
      })
      expect(live).toMatchObject({ status: 201, body: { pathway: asked.pathway } })
      return (live.body as { version: number }).version
    },
  }
  return bench
}

export { call as callAs }

/** A referral as scenarios write it. */
export const referred = (more = '') =>
  `  - at: 2026-03-02 09:00\n    record: {resourceType: ServiceRequest, id: r1, status: active, intent: order, category: [{coding: [{code: '3457005'}]}], subject: {reference: Patient/p1}, reasonCode: [{text: Chest pain}]${more}}\n`
