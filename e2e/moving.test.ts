import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { picture, seriousFaults, seriousFaultsInBoth } from '../testkit/browser.ts'
import { findChromium } from '../testkit/chromium.ts'
import { manyJourneys, newVersion, oldVersion } from '../testkit/moving.ts'
import { freePort, type SpawnedServer, spawnServer } from '../testkit/spawned-server.ts'
import { createAccount, setUp } from '../src/identity/index.ts'
import { systemActor, systemClock } from '../src/kernel/index.ts'
import { readConfig } from '../src/main/config.ts'
import { openHouse } from '../src/main/open.ts'
import { furnish } from '../src/main/serve.ts'

/** Machines are shared: what is waited for comes late at times. */
const patient = { timeout: 30_000 }
const password = 'forty-two-otters'
const executablePath = findChromium()

describe.skipIf(executablePath === undefined)('moving running journeys, in a browser', () => {
  let folder: string
  let server: SpawnedServer
  let browser: Browser
  const errors: string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'throughline-moving-'))
    await chmod(folder, 0o755)
    const house = await openHouse({ ...readConfig({ THROUGHLINE_DATA: folder }), logLevel: 'silent' }, systemClock)
    const call = { actor: systemActor, clock: systemClock, requestId: 'test', locale: 'en' as const }
    const tenant = await setUp(house.database, call, {
      organisation: 'Moving Clinic',
      administrator: { name: 'Ada', email: 'ada@moving.example', password },
      furnish: (tx) => furnish(house, tx, { ...call, tenant: tx.tenant }),
    })
    const context = { ...call, tenant }
    const inTx = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
      house.database.transaction(tenant, work)
    await inTx(async (tx) => {
      for (const [name, role] of [
        ['Olga', 'operations-lead'],
        ['David', 'clinical-director'],
      ] as const)
        await createAccount(tx, context, {
          name,
          email: `${name.toLowerCase()}@moving.example`,
          password,
          roles: [role],
          practitioner: `Practitioner/${name.toLowerCase()}`,
        })
      await house.pathways.publish(tx, context, oldVersion, 'First version')
    })
    await manyJourneys({ ...house, alpha: tenant, context }, 40)
    await inTx((tx) => house.pathways.publish(tx, context, newVersion, 'A second opinion besides'))
    await house.close()
    server = await spawnServer(['start'], { THROUGHLINE_DATA: folder }, await freePort())
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    })
  }, 300_000)
  afterAll(async () => {
    await browser.close()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const open = async (name: string): Promise<Page> => {
    const page = await (
      await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-CA', baseURL: server.url })
    ).newPage()
    page.on('pageerror', (error) => errors.push(error.message))
    page.setDefaultTimeout(patient.timeout)
    await page.goto('/')
    await page.locator('input[type=email]').fill(`${name}@moving.example`)
    await page.locator('input[name=password]').fill(password)
    await page.keyboard.press('Enter')
    await page.getByRole('navigation').first().waitFor()
    return page
  }

  test('journeys that run on the old version are moved to the new one as was shown before, and what has gone on says so', {
    timeout: 240_000,
  }, async () => {
    const lead = await open('olga')
    await lead.goto('/pathways/probe')
    await lead.getByRole('link', { name: 'Move 40 journeys that run on other versions to this one' }).click()
    await lead.getByLabel('Why they should be moved').fill('Two look where one looked')
    await lead.getByRole('button', { name: 'Propose a mapping' }).click()
    const mapping = lead.getByRole('region', { name: 'Which step goes on as which' })
    await mapping.getByLabel('Rest: Becomes').selectOption('to settle-down')
    await mapping.getByLabel('Rest: Due times').selectOption('follow')
    await mapping.getByLabel('Paper: Becomes').selectOption('ask')
    await mapping.getByRole('button', { name: 'Save the mapping' }).click()
    await expect.poll(() => mapping.getByRole('button', { name: 'Save the mapping' }).isDisabled()).toBe(true)
    await picture(lead, 'move-mapping')
    await lead.getByRole('button', { name: 'Count it through' }).click()
    await lead.getByText('40 running journeys looked at.').waitFor()
    await lead.getByRole('button', { name: 'Task: reworded' }).click()
    await lead.getByRole('heading', { name: 'What would change' }).scrollIntoViewIfNeeded()
    await picture(lead, 'move-preview')
    const journeys = lead.getByRole('group', { name: 'Journeys' })
    expect(await journeys.getByRole('row').count()).toBe(1 + 16)
    await journeys.getByRole('row').nth(1).getByRole('button').click()
    await lead.getByRole('dialog').getByText('gets the words of the new version').first().waitFor()
    await picture(lead, 'move-one-journey')
    expect(await seriousFaults(lead)).toEqual([])
    await lead.keyboard.press('Escape')
    await lead.getByRole('dialog').waitFor({ state: 'detached' })

    // Nobody approves what they wrote.
    await lead.getByRole('button', { name: 'Approve' }).click()
    await lead.getByText('Whoever wrote in a move cannot approve it: a second person must.').waitFor()
    const director = await open('david')
    await director.goto(lead.url())
    await director.getByRole('button', { name: 'Approve' }).click()
    await director.getByText('Approved', { exact: true }).waitFor()

    await lead.reload()
    await lead.getByLabel('How many').fill('5')
    await lead.getByRole('button', { name: 'Move them' }).click()
    await lead.getByText('the first 5').waitFor()
    await lead.getByLabel('Move next').selectOption('all')
    await lead.getByRole('button', { name: 'Move them' }).click()
    await lead.getByRole('button', { name: 'Moved 32' }).click()
    await lead.getByRole('group', { name: 'Moved' }).getByRole('row').nth(30).waitFor()
    await lead.getByRole('heading', { name: 'Cohorts' }).scrollIntoViewIfNeeded()
    await picture(lead, 'move-progress')
    await lead.getByRole('button', { name: 'Asks a person 8' }).click()
    await lead.getByRole('group', { name: 'Asks a person' }).getByRole('button').first().click()
    await lead
      .getByRole('dialog')
      .getByRole('button', { name: 'Withdraw what has no counterpart, and move it' })
      .click()
    await lead.getByRole('button', { name: 'Moved 33' }).waitFor()
    await lead.getByRole('button', { name: 'Take all back' }).click()
    await lead.getByRole('dialog').getByRole('button', { name: 'Take all back' }).click()
    // The reminders could not be delivered meanwhile and became calls: where that is so, nothing is taken back in silence.
    await lead
      .getByRole('button', { name: /^(?:Taken back|Could not be taken back) \d+/ })
      .first()
      .waitFor()
    await expect.poll(() => lead.getByRole('button', { name: /^Going back/ }).count(), { timeout: 60_000 }).toBe(0)
    await picture(lead, 'move-taken-back')
    expect(await seriousFaultsInBoth(lead, () => lead.locator('section h2').first().waitFor())).toEqual([])
    expect(errors).toEqual([])
  })
})
