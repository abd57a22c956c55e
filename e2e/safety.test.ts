import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useAutomations } from '../testkit/automations.ts'
import { launchBrowser, openAtDoor, picture, seriousFaultsInBoth, speak } from '../testkit/browser.ts'
import { findChromium } from '../testkit/chromium.ts'
import { useDoor } from '../testkit/door.ts'
import { useHouse } from '../testkit/house.ts'
import { createLog, systemClock } from '../src/kernel/index.ts'
import { buildConsole } from '../src/main/build-console.ts'

const patient = { timeout: 20_000 }
const day = (from: number, days: number) => new Date(from + days * 86_400_000).toISOString().slice(0, 10)

describe.skipIf(findChromium() === undefined)('what keeps automations safe, in the console', () => {
  beforeAll(() => buildConsole(createLog('silent')), 240_000)
  const house = useHouse({ start: systemClock.now() })
  const door = useDoor(house, { listen: true, console: () => buildConsole(createLog('silent')) })
  const { publish, standing, refer, answer } = useAutomations(house)
  const errors: string[] = []
  let browser: Browser
  let lead: Page
  let director: Page

  const open = (email: string) => openAtDoor(browser, door, email, errors)

  beforeAll(async () => {
    await publish()
    await standing('assisted')
    browser = await launchBrowser()
    lead = await open('lead@alpha.example')
    director = await open('director@alpha.example')
  }, 240_000)
  afterAll(async () => {
    await browser.close()
    expect(errors).toEqual([])
  })

  test('a flag is made and held down by one person, and freed only by two', { timeout: 120_000 }, async () => {
    const dialog = lead.getByRole('dialog')
    await lead.goto('/automations')
    await lead.getByRole('link', { name: 'Flags' }).click()
    await lead.getByText('No flag holds anything down.').waitFor(patient)
    await lead.getByRole('button', { name: 'New flag' }).click()
    await dialog.getByLabel('Name').fill('urgency-first-year')
    await dialog.getByLabel('Lets it do').selectOption('bounded')
    await dialog.getByLabel('Last day').fill(day(house.clock.now(), 200))
    await dialog.getByLabel('Gone from the code after').fill(day(house.clock.now(), 100))
    await dialog.getByLabel('How its end is proven').fill('flags.db.test.ts passes without it')
    await dialog.getByLabel('Reason').fill('The first year.')
    await dialog.getByRole('button', { name: 'New flag' }).click()
    await dialog.getByText('A flag may not be retired before it expires.').waitFor(patient)
    await dialog.getByLabel('Gone from the code after').fill(day(house.clock.now(), 300))
    await dialog.getByRole('button', { name: 'New flag' }).click()
    const row = lead.getByTestId('flag-row')
    await row.getByText('Answers within bounds').waitFor(patient)
    const change = async (level: string, reason: string) => {
      await row.getByRole('button', { name: 'Change…' }).click()
      await dialog.getByLabel('Lets it do').selectOption(level)
      await dialog.getByLabel('Reason').fill(reason)
      await dialog.getByRole('button', { name: 'Change', exact: true }).click()
    }
    await change('recommend', 'Too many visits were moved.')
    await row.getByText('Recommends').first().waitFor(patient)
    await change('assisted', 'It was the calendar.')
    await dialog.getByRole('button', { name: 'Understood' }).click()
    await row.getByTestId('open-change').waitFor(patient)
    await director.goto('/flags')
    await picture(director, 'flags')
    expect(await seriousFaultsInBoth(director, () => director.getByTestId('flag-row').waitFor())).toEqual([])
    await director.getByRole('button', { name: 'Confirm the change' }).click()
    await director.getByTestId('flag-row').getByText('Drafts').first().waitFor(patient)
    await director.getByRole('link', { name: 'urgency-first-year' }).click()
    await director.getByTestId('flag-change-row').first().getByText('director of alpha').waitFor(patient)
    expect(await director.getByTestId('flag-change-row').count()).toBe(3)
    await director.getByRole('button', { name: 'Undo…' }).click()
    await director.getByRole('dialog').getByLabel('Reason').fill('Not yet.')
    await director.getByRole('dialog').getByRole('button', { name: 'Undo' }).click()
    await director.getByTestId('flag-change-row').nth(3).waitFor(patient)
    await speak(director, 'fr')
    expect(
      await seriousFaultsInBoth(director, () => director.getByTestId('flag-change-row').first().waitFor()),
    ).toEqual([])
  })

  test('the page of how it does says first what people corrected, and hides small groups', {
    timeout: 120_000,
  }, async () => {
    await house.db.asSuperuser(
      `insert into throughline.automation_decision (tenant_id, id, automation, version, journey, step, patient, trigger, asked_at, circumstances, gives, inputs, inputs_hash, status, level,
         touched_at, answered_at, disposition, groups, lag_seconds)
       select 'alpha', 'lived' || n, 'urgency', 1, 'j', 'urgency-probe/level', 'Patient/l', 'ServiceRequest/l', at, '{}', '{}',
         jsonb_build_object('priority', jsonb_build_object('value', case when n < 4 then 'stat' when n % 10 < 3 then 'urgent' else 'routine' end, 'from', 'w', 'at', null)), '', 'answered', 'assisted',
         at, at + (n % 37) * interval '1 minute', case when n % (case when n < 90 then 3 else 9 end) = 0 then 'edited' else 'accepted' end,
         jsonb_build_object('age', case n % 5 when 0 then '0-17' when 1 then '18-39' when 2 then '40-64' when 3 then '65-79' else '80+' end,
           'language', case when n % 40 = 0 then 'iu' when n % 3 = 0 then 'fr' else 'en' end, 'sex', case n % 2 when 0 then 'female' else 'male' end), 500 + n % 60
       from (select n, $1::timestamptz - n * interval '2 hours' as at from generate_series(1, 1800) n) t`,
      [new Date(house.clock.now())],
    )
    await lead.goto('/automations/urgency')
    await lead.getByRole('link', { name: 'How it does' }).click()
    await lead.getByTestId('chart-corrected').getByText('usually').waitFor(patient)
    await lead.getByTestId('alarms').getByText('priority: stat').waitFor(patient)
    await lead.getByTestId('group-row').filter({ hasText: '65 to 79' }).waitFor(patient)
    await lead.getByTestId('group-row').filter({ hasText: 'iu' }).getByText('hidden').waitFor(patient)
    await lead.getByTestId('chart-corrected').getByText('As a table').click()
    await lead.getByTestId('chart-corrected').getByText('outside the limits').first().waitFor(patient)
    await lead.getByTestId('chart-corrected').getByText('As a table').click()
    await lead.setViewportSize({ width: 1280, height: 2000 })
    await picture(lead, 'watching')
    await lead.setViewportSize({ width: 1280, height: 800 })
    await lead.getByRole('button', { name: 'Set the share…' }).click()
    await lead.getByRole('dialog').getByLabel('Share in percent').fill('5')
    await lead.getByRole('dialog').getByLabel('Reason').fill('To know how it goes without.')
    await lead.getByRole('dialog').getByRole('button', { name: 'Set the share' }).click()
    await lead.getByText('For 5 % of patients').waitFor(patient)
    expect(await seriousFaultsInBoth(lead, () => lead.getByTestId('chart-corrected').waitFor())).toEqual([])
  })

  test('what to do when it fails stands on the stop, a drill shows that it works, and an incident is learned from', {
    timeout: 180_000,
  }, async () => {
    await standing('assisted', { step: 'urgency-probe' })
    const dialog = lead.getByRole('dialog')
    await lead.goto('/automations/urgency')
    await lead.getByRole('link', { name: 'When it fails' }).click()
    await lead.getByText('Nobody has written what to do when it fails.').waitFor(patient)
    await lead.getByRole('button', { name: 'Write it…' }).click()
    const source = house.library.runbooks.find(({ file }) => file.includes('referral-urgency'))?.source ?? ''
    await dialog.getByLabel('Source').fill(source.replace('automation: referral-urgency', 'automation: urgency'))
    await dialog.getByLabel('Note').fill('From the one for referrals.')
    await dialog.getByRole('button', { name: 'Keep it' }).click()
    await lead.getByTestId('runbook').getByText('Who tells whom').waitFor(patient)
    await lead.getByRole('button', { name: 'Start a drill…' }).click()
    await dialog.getByLabel('Reason').fill('Twice a year.')
    await dialog.getByRole('button', { name: 'Start a drill' }).click()
    await dialog.getByText('A drill is held in a part of the organisation').waitFor(patient)
    await dialog.getByLabel('At this pathway or step only').fill('urgency-probe')
    await dialog.getByRole('button', { name: 'Start a drill' }).click()
    const drill = lead.getByTestId('drill-row').first()
    await drill.getByText('runs until').waitFor(patient)
    for (let n = 0; n < 3; n += 1) await answer(await refer(`drilled${n}`), 'routine')
    await drill.getByRole('button', { name: 'End it now' }).click()
    await drill.getByText('passed, counts until').waitFor(patient)
    await picture(lead, 'runbook')
    expect(await seriousFaultsInBoth(lead, () => lead.getByTestId('runbook').waitFor())).toEqual([])
    await lead.goto('/automations')
    await lead.getByRole('button', { name: 'Stop…' }).click()
    await dialog.getByTestId('runbook').getByText('Who tells whom').waitFor(patient)
    await dialog.getByLabel('What is wrong?').fill('Urgent referrals were called routine.')
    await lead.getByRole('button', { name: 'Stop it now' }).click()
    await lead.getByRole('heading', { name: 'Stopped: Urgency' }).waitFor(patient)
    await lead.getByTestId('runbook').waitFor(patient)
    await lead.getByRole('button', { name: 'Add an action…' }).click()
    await dialog.getByLabel('Action').fill('The checker refuses a path that is never there.')
    await dialog.getByLabel('Due on').fill(day(house.clock.now(), 30))
    await dialog.getByRole('button', { name: 'Add an action' }).click()
    const action = lead.getByTestId('action-row')
    await action.getByRole('button', { name: 'Close the action…' }).click()
    await dialog.getByLabel('Watched by').fill('checker.test.ts, a path that is never there')
    await dialog.getByRole('button', { name: 'Close the action' }).click()
    await action.getByText('checker.test.ts').waitFor(patient)
    expect(await seriousFaultsInBoth(lead, () => action.waitFor())).toEqual([])
  })

  test('the safety case says what is missing, with hazards, tests, signers and the model card', {
    timeout: 120_000,
  }, async () => {
    await lead.goto('/automations/urgency')
    await lead.getByRole('link', { name: 'Safety case and model card' }).first().click()
    await lead.getByTestId('gaps').getByText('no hazards of its own were written').waitFor(patient)
    await lead
      .getByTestId('hazard-row')
      .filter({ hasText: 'It goes on after somebody stopped it' })
      .getByText('fifty drafts are queued when it is stopped')
      .waitFor(patient)
    await lead.getByTestId('model-card').getByText('nothing: people wrote it').waitFor(patient)
    await picture(lead, 'safety-case')
    expect(await seriousFaultsInBoth(lead, () => lead.getByTestId('gaps').waitFor())).toEqual([])
  })
})
