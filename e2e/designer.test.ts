import { beforeAll, describe, expect, test } from 'vitest'
import { type BrowserHouse, openBrowserHouse } from '../testkit/browser.ts'
import { findChromium } from '../testkit/chromium.ts'
import { type Bench, openBench } from './designer-bench.ts'
import { exchangeTests } from './designer-exchange.ts'
import { benchTests } from './designer-look.ts'
import { messageTests } from './designer-messages.ts'
import { stepTests } from './designer-steps.ts'
import { wholeTests } from './designer-whole.ts'

describe.skipIf(findChromium() === undefined)('the designer in a browser', () => {
  let house: BrowserHouse
  let bench: Bench

  beforeAll(async () => {
    house = await openBrowserHouse()
    bench = await openBench(house)
    return () => house.close()
  }, 480_000)

  describe('itself', () => benchTests(() => bench))
  describe('ordinary changes of steps', () => stepTests(() => bench))
  describe('ordinary changes of messages and forms', () => messageTests(() => bench))
  describe('ordinary changes of the whole', () => wholeTests(() => bench))
  describe('what comes from elsewhere', () => exchangeTests(() => bench))

  test('no page threw an error on the way', () => {
    expect(house.errors).toEqual([])
  })
})
