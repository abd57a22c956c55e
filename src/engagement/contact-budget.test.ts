import fc from 'fast-check'
import { DateTime } from 'luxon'
import { expect, test } from 'vitest'
import type { ContactBudget } from '../pathways/index.ts'
import { type Contact, planContact } from './contact-budget.ts'

const budget: ContactBudget = {
  quiet: ['20:00', '08:00'],
  daily: 2,
  weekly: 5,
  gather: { amount: 10, unit: 'min' },
  longest: { amount: 5, unit: 'days' },
}
const zone = 'America/Toronto'
const at = (text: string) => DateTime.fromISO(text, { zone }).toMillis()
const show = (time: number | undefined) =>
  time === undefined ? undefined : DateTime.fromMillis(time, { zone }).toFormat('yyyy-MM-dd HH:mm')
const plan = (now: string, contacts: Contact[] = [], kind?: 'urgent' | 'reminder') => {
  const { at: time, ...rest } = planContact(budget, contacts, { now: at(now), zone, budget: kind })
  return { at: show(time), ...rest }
}
const sent = (message: string, time: string, reminder = false): Contact => ({ message, at: at(time), reminder })

test('a message at noon leaves at once; one at night waits for the morning, an urgent one does not', () => {
  expect(plan('2026-03-02T12:00')).toEqual({ at: '2026-03-02 12:00' })
  expect(plan('2026-03-02T21:30')).toEqual({ at: '2026-03-03 08:00', held: 'quiet' })
  expect(plan('2026-03-03T06:00')).toEqual({ at: '2026-03-03 08:00', held: 'quiet' })
  expect(plan('2026-03-02T21:30', [], 'urgent')).toEqual({ at: '2026-03-02 21:30' })
})

test('the night of the clock change ends at eight by the clock on the wall', () => {
  expect(plan('2026-03-07T22:00')).toEqual({ at: '2026-03-08 08:00', held: 'quiet' })
})

test('the third message of a day waits for the next, the sixth of a week for its end', () => {
  const today = [sent('a', '2026-03-02T09:00'), sent('b', '2026-03-02T10:00')]
  expect(plan('2026-03-02T12:00', today)).toEqual({ at: '2026-03-03 08:00', held: 'daily' })
  const full = ['02', '03', '04', '05', '06'].map((day) => sent(day, `2026-03-${day}T09:00`))
  expect(plan('2026-03-06T12:00', full)).toEqual({ at: '2026-03-10 08:00', held: 'weekly' })
})

test('a message that finds no room in five days is not sent, and that is said', () => {
  const crowded = ['09', '10', '11', '12', '13'].map((day) => sent(day, `2026-03-${day}T09:00`))
  expect(plan('2026-03-09T12:00', crowded)).toEqual({ at: undefined, held: 'weekly' })
})

test('a reminder waits for others, and the next one leaves with it', () => {
  expect(plan('2026-03-02T12:00', [], 'reminder')).toEqual({ at: '2026-03-02 12:10', held: 'gathered' })
  const waiting = [sent('first', '2026-03-02T12:10', true)]
  expect(plan('2026-03-02T12:05', waiting, 'reminder')).toMatchObject({ mergeInto: 'first', at: '2026-03-02 12:10' })
  expect(plan('2026-03-02T12:11', waiting, 'reminder')).toEqual({ at: '2026-03-02 12:21', held: 'gathered' })
  expect(plan('2026-03-02T12:05', waiting)).toEqual({ at: '2026-03-02 12:05' })
})

test('whatever is asked for and whenever, no patient hears at night or too often, but of what is urgent', () => {
  const zones = ['America/Toronto', 'Europe/Paris', 'Asia/Kolkata', 'Australia/Lord_Howe']
  const asked = fc.record({
    after: fc.integer({ min: 0, max: 40 * 3_600_000 }),
    kind: fc.constantFrom(undefined, 'urgent', 'reminder'),
  })
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.array(asked, { maxLength: 40 }), (zone, list) => {
      let now = Date.UTC(2026, 2, 1)
      const contacts: Contact[] = []
      const held: Contact[] = []
      for (const [index, { after, kind }] of list.entries()) {
        now += after
        const planned = planContact(budget, contacts, { now, zone, budget: kind })
        if (kind === 'urgent') expect(planned).toEqual({ at: now })
        if (planned.at === undefined) continue
        expect(planned.at).toBeGreaterThanOrEqual(now)
        expect(planned.at).toBeLessThanOrEqual(now + 5 * 86_400_000 + 3_600_000)
        if (planned.mergeInto !== undefined) {
          expect(contacts).toContainEqual({ message: planned.mergeInto, at: planned.at, reminder: true })
          continue
        }
        const own = { message: String(index), at: planned.at, reminder: kind === 'reminder' }
        const before = [...contacts]
        contacts.push(own)
        if (kind === 'urgent') continue
        held.push(own)
        const local = DateTime.fromMillis(planned.at, { zone })
        expect(local.hour).toBeGreaterThanOrEqual(8)
        expect(local.hour).toBeLessThan(20)
        const sameDay = before.filter((one) => DateTime.fromMillis(one.at, { zone }).hasSame(local, 'day'))
        expect(sameDay.length).toBeLessThan(2)
        const week = before.filter((one) => one.at > own.at - 7 * 86_400_000 && one.at <= own.at)
        expect(week.length).toBeLessThan(5)
      }
      // What was planned before an urgent message came is left as it is; without any, every seven days keep to the cap.
      if (list.every((one) => one.kind !== 'urgent'))
        for (const end of held)
          expect(held.filter((one) => one.at > end.at - 7 * 86_400_000 && one.at <= end.at).length).toBeLessThanOrEqual(
            5,
          )
    }),
  )
})
