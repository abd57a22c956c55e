import { readFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findChromium } from './chromium.ts'
import type { Door } from './door.ts'
import { livedClinic } from './lived-clinic.ts'
import { freePort, type SpawnedServer, spawnServer } from './spawned-server.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const pictures = new URL('../docs/images/', import.meta.url).pathname
export const password = 'try-the-river-2026'

/** The demonstration clinic as a process of its own, and a browser to look at it with. */
export interface BrowserHouse {
  server: SpawnedServer
  browser: Browser
  /** What pages threw; empty as long as all is well. */
  errors: string[]
  /** Signs somebody in and waits until the console stands. */
  open(email: string, options?: { width?: number; height?: number; language?: 'en' | 'fr' }): Promise<Page>
  close(): Promise<void>
}

/** The browser that the tests look through. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  return chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** The clinic that lived through the demonstration's quarter up to one date, so that pictures and tests see the same. */
export async function openBrowserHouse(): Promise<BrowserHouse> {
  const folder = await livedClinic('2026-03-04')
  const server = await spawnServer(
    ['demo', '--again', '--until=2026-03-04'],
    { THROUGHLINE_DATA: folder, OUTBOUND_ALLOW: '127.0.0.1' },
    await freePort(),
  )
  const browser = await launchBrowser()
  const errors: string[] = []
  return {
    server,
    browser,
    errors,
    async open(email, { width = 1280, height = 800, language = 'en' } = {}) {
      const context = await browser.newContext({
        viewport: { width, height },
        locale: `${language}-CA`,
        baseURL: server.url,
      })
      const page = await context.newPage()
      page.on('pageerror', (error) => errors.push(error.message))
      await page.goto('/')
      await page.locator('input[type=email]').fill(email)
      await page.locator('input[name=password]').fill(password)
      await page.keyboard.press('Enter')
      await page.getByRole('navigation').first().waitFor()
      return page
    },
    async close() {
      await browser.close()
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A page of the console that a test house serves, with somebody signed in; what it throws is added to `errors`. */
export async function openAtDoor(
  browser: Browser,
  door: Pick<Door, 'url' | 'signIn'>,
  email: string,
  errors: string[],
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-CA',
    baseURL: door.url,
  })
  const [name = '', value = ''] = (await door.signIn(email)).split(/=(.*)/)
  await context.addCookies([{ name, value, url: door.url }])
  const page = await context.newPage()
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto('/')
  await page.getByRole('navigation').first().waitFor()
  return page
}

/** Screenshots for the documentation are taken only when asked for: `SCREENSHOTS=1 npm test`. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env['SCREENSHOTS'] !== '1') return
  await mkdir(pictures, { recursive: true })
  await page.waitForTimeout(400)
  await page.screenshot({ path: join(pictures, `${name}.png`) })
}

/** Shows the console in another language by its own button, and waits until it speaks it. */
export async function speak(page: Page, language: 'en' | 'fr'): Promise<void> {
  if ((await page.evaluate(() => document.documentElement.lang)) === language) return
  await page.getByRole('button', { name: language === 'fr' ? 'Français' : 'English' }).click()
  await page.waitForFunction((wanted) => document.documentElement.lang === wanted, language)
}

interface Violation {
  id: string
  impact: string
  nodes: { html: string }[]
}

/** What axe objects to seriously on the page as it stands, in both colour schemes. */
export async function seriousFaults(page: Page): Promise<string[]> {
  const faults: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.waitForTimeout(250)
    // Run by the browser's own hand, past the page's content policy, which allows no script that is not its own.
    await page.evaluate(axe)
    // In the dark the same elements have other colours, and nothing else is other: only what looks at colours looks again.
    // The category has the enhanced contrast in it, which is not among what is run otherwise.
    const colours = { runOnly: ['cat.color'], rules: { 'color-contrast-enhanced': { enabled: false } } }
    const options = { resultTypes: ['violations'], ...(colorScheme === 'dark' ? colours : {}) }
    const violations = await page.evaluate(
      (how) =>
        (window as unknown as { axe: { run(how: object): Promise<{ violations: Violation[] }> } }).axe
          .run(how)
          .then((result) => result.violations),
      options,
    )
    for (const one of violations)
      if (one.impact === 'serious' || one.impact === 'critical')
        faults.push(`${colorScheme} ${one.id}: ${one.nodes[0]?.html.slice(0, 160)}`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
  return faults
}

/** The same in both languages; `settled` waits until the page shows what is looked at. */
export async function seriousFaultsInBoth(page: Page, settled: () => Promise<unknown>): Promise<string[]> {
  const faults: string[] = []
  for (const language of ['fr', 'en'] as const) {
    await speak(page, language)
    await settled()
    faults.push(...(await seriousFaults(page)).map((fault) => `${language} ${fault}`))
  }
  return faults
}
