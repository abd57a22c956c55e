import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { BrowserHouse } from '../testkit/browser.ts'

/** Machines are shared: what is waited for comes late at times. */
export const patient = { timeout: 30_000 }

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
  /**
   * Writes a scenario and sees it pass; mends those that the change has made untrue: what happens now is taken as what they
   * expect, once it has been looked at, and where an act is not possible any more, `byHand` changes the text.
   */
  scenario(lines: string, how?: { head?: string; byHand?: (source: string) => string }): Promise<void>
  /** Asks for the review; the other person finds the draft in the list, approves it and sets it live, at some clinics or at all. */
  publish(why: string, clinics?: readonly string[]): Promise<number>
  /** Approves the draft that the reviewer has before them, and sets it live. */
  goLive(clinics?: readonly string[]): Promise<number>
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
      await page.goto(`/pathways/${pathway}/design/${(body as { id: string }).id}`)
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
    async scenario(lines, { head = '', byHand = (source: string) => source } = {}) {
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
      await mend(page, byHand)
    },
    async publish(why, clinics = []) {
      await saved()
      const draft = new URL(page.url()).pathname.split('/').at(-1) ?? ''
      await page.getByRole('button', { name: 'Ask for review' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('What changes, and why').fill(why)
      await dialog.getByRole('button', { name: 'Ask for review' }).click()
      await dialog.waitFor({ state: 'detached', ...patient })
      await reviewer.goto('/pathways?show=drafts')
      const row = reviewer.getByTestId('draft-row').filter({ hasText: why }).first()
      await row.getByRole('link').first().click(patient)
      await reviewer.getByTestId('draft-note').getByText(why).waitFor(patient)
      expect(new URL(reviewer.url()).pathname).toBe(`/pathways/drafts/${draft}`)
      return bench.goLive(clinics)
    },
    async goLive(clinics = []) {
      const dialog = reviewer.getByRole('dialog')
      await reviewer.getByRole('button', { name: 'Approve' }).click(patient)
      await dialog.getByRole('button', { name: 'Approve' }).click()
      await dialog.waitFor({ state: 'detached', ...patient })
      await reviewer.getByRole('button', { name: 'Set live…' }).click(patient)
      if (clinics.length > 0) await dialog.getByLabel('Only at some clinics').check()
      for (const clinic of clinics) await dialog.getByLabel(clinic).check(patient)
      await dialog.getByRole('button', { name: 'Set live' }).click()
      await reviewer.waitForURL(/\?version=\d+$/, patient)
      return Number(new URL(reviewer.url()).searchParams.get('version'))
    },
  }
  return bench
}

/** Sees to every scenario that fails. */
async function mend(page: Page, byHand: (source: string) => string): Promise<void> {
  const panel = page.getByTestId('scenarios')
  const untrue = panel.locator('[data-testid="scenario"][data-ok="false"]')
  // One after the other; a mended text may show what was hidden behind its first fault.
  for (let turn = 0; turn < 40 && (await untrue.count()) > 0; turn += 1) {
    const one = untrue.first()
    const name = await one.locator('button[aria-expanded]').innerText()
    const named = panel.getByTestId('scenario').filter({ has: page.getByRole('button', { name, exact: true }) })
    const offer = one.getByRole('button', { name: 'Expect what happens now…' })
    const before = await one.innerText()
    if ((await offer.count()) > 0) {
      await offer.click()
      await named.getByTestId('mending').locator('tr[data-kind="added"]').first().waitFor(patient)
      await named.getByRole('button', { name: 'Take it' }).click()
    } else {
      await named.getByRole('button', { name, exact: true }).click()
      const text = named.getByRole('textbox')
      const source = await text.inputValue()
      const next = byHand(source)
      if (next === source) throw new Error(`nobody mends ${before}\n${source}`)
      await text.fill(next)
      await named.getByRole('button', { name, exact: true }).click()
    }
    await expect
      .poll(
        async () => (await named.getAttribute('data-ok')) === 'true' || (await named.innerText()) !== before,
        patient,
      )
      .toBe(true)
  }
  await expect.poll(() => untrue.count(), patient).toBe(0)
}

export { call as callAs }

/** Puts a line into a scenario after each line that says `found`. */
export const afterLines =
  (found: RegExp, more: string) =>
  (source: string): string => {
    const [head = '', ...lines] = source.split(/^ {2}- /m)
    return [head, ...lines.flatMap((line) => (found.test(line) ? [line, more] : [line]))].join('  - ')
  }

/** A referral as scenarios write it. */
export const referred = (more = '') =>
  `  - at: 2026-03-02 09:00\n    record: {resourceType: ServiceRequest, id: r1, status: active, intent: order, category: [{coding: [{code: '3457005'}]}], subject: {reference: Patient/p1}, reasonCode: [{text: Chest pain}]${more}}\n`
