import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { ServiceRequest } from '@medplum/fhirtypes'
import { createSeals } from '../src/audit/index.ts'
import { markBuilt } from '../src/access/index.ts'
import { localChannel } from '../src/engagement/index.ts'
import {
  type Actor,
  type CallContext,
  createLog,
  type MovedClock,
  movedClock,
  type TenantId,
} from '../src/kernel/index.ts'
import { createVault } from '../src/identity/index.ts'
import { compose, type House, type HouseOptions } from '../src/main/compose.ts'
import { loadLibrary } from '../src/main/load-library.ts'
import { releaseFolder } from '../src/terminology/index.ts'
import { type FreshDatabase, freshDatabase } from './database.ts'

export interface TestHouse extends House {
  db: FreshDatabase
  clock: MovedClock
  alpha: TenantId
  context: CallContext
  as(actor: Partial<Actor>): CallContext
  /** Moves journeys and sends messages until nothing is left to do. */
  settle(): Promise<void>
  /** Moves the clock in steps and settles at each, so that timers fire near their time. */
  pass(milliseconds: number, step?: number): Promise<void>
}

/** A whole house on a database of its own, for one test file: the library's pathways are published in alpha; the clock is moved. */
export function useHouse(
  options: Partial<Pick<HouseOptions, 'channels' | 'flags' | 'outboundAllow' | 'textEndpoint' | 'think'>> & {
    start?: number
  } = {},
): TestHouse {
  const house = {} as TestHouse
  let sealFolder = ''
  beforeAll(async () => {
    const db = await freshDatabase()
    const clock = movedClock(options.start ?? Date.UTC(2026, 2, 2, 14))
    const { library, ontology, surroundings } = await loadLibrary()
    sealFolder = await mkdtemp(join(tmpdir(), 'throughline-seals-'))
    const made = compose({
      database: db.database,
      shadow: db.shadow,
      clock,
      log: createLog('silent'),
      library,
      ontology,
      surroundings,
      channels: options.channels ?? [
        localChannel('sms', db.database, clock),
        localChannel('email', db.database, clock),
      ],
      clinic: { phone: '555-0100' },
      vault: createVault(Buffer.alloc(32, 7)),
      publicUrl: 'http://localhost',
      outboundAllow: options.outboundAllow ?? [],
      seals: createSeals({ database: db.database, clock, log: createLog('silent'), folder: sealFolder }),
      releases: releaseFolder(join(sealFolder, 'terminology')),
      audit: async () => {},
      textEndpoint: options.textEndpoint,
      think: options.think,
      flags: options.flags,
    })
    const context: CallContext = {
      tenant: db.alpha,
      actor: { kind: 'account', id: 'tester', name: 'Tester', roles: [] },
      clock,
      requestId: 'test',
      locale: 'en',
    }
    await db.database.transaction(db.alpha, async (tx) => {
      const policy = library.policies.find(({ file }) => file === 'policies/clinic.yaml')?.source ?? ''
      await made.policies.publish(tx, context, policy, 'First version')
      await markBuilt(tx)
      for (const { source } of library.pathways) await made.pathways.publish(tx, context, source, 'First version')
    })
    const settle = async () => {
      for (;;) {
        const { events } = await made.runtime.drain(db.alpha)
        const told = await made.distributor.drain(db.alpha)
        const jobs = await made.jobs.drain(db.alpha)
        if (events + told + jobs === 0) return
      }
    }
    Object.assign(house, made, {
      db,
      clock,
      alpha: db.alpha,
      context,
      as: (actor: Partial<Actor>): CallContext => ({ ...context, actor: { ...context.actor, ...actor } }),
      settle,
      async pass(milliseconds: number, step = 3_600_000) {
        for (let left = milliseconds; left > 0; left -= step) {
          clock.advance(Math.min(left, step))
          await settle()
        }
      },
    })
  })
  afterAll(async () => {
    await house.db.close()
    await rm(sealFolder, { recursive: true, force: true })
  })
  return house
}

/** A referral as a referring physician sends it. */
export const referral = (id: string, more: Partial<ServiceRequest> = {}): ServiceRequest & { id: string } => ({
  resourceType: 'ServiceRequest',
  id,
  status: 'active',
  intent: 'order',
  category: [{ coding: [{ system: 'http://snomed.info/sct', code: '3457005' }] }],
  subject: { reference: `Patient/${id}-patient` },
  reasonCode: [{ text: 'Palpitations' }],
  ...more,
})
