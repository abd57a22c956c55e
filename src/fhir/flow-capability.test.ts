import type { CapabilityStatement } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import type { Database } from '../db/index.ts'
import { systemClock } from '../kernel/index.ts'
import { capabilityStatement } from './capability.ts'
import { bulkRoutes, createRecord, type FlowDeps, importRoutes, subscriptionRoutes, tellFlows } from './index.ts'
import { operationsOf } from './operations.ts'

const base = 'https://clinic.example/fhir'
const deps: FlowDeps = {
  database: {} as Database,
  clock: systemClock,
  record: createRecord(),
  outbound: { allow: [] },
  baseUrl: base,
  actorNow: async (_tx, asker) => asker,
  mail: async () => {},
  audit: async () => {},
}

/** Of an asynchronous operation, where its answer lies: no operations of their own. */
const answers = /\$(?:import|export)-(?:status|file|upload)/

test('the capability statement names the operations that subscriptions and bulk transfers serve, and no other', () => {
  const routes = [...subscriptionRoutes(deps), ...bulkRoutes(deps), ...importRoutes(deps)]
  const served = routes.flatMap(({ path }) => {
    const [, type, name] = /^\/fhir\/(?:(\w+)\/)?(?::id\/)?\$([\w-]+)$/.exec(path) ?? []
    return name === undefined || answers.test(path) ? [] : [`${type ?? 'system'} ${name}`]
  })
  const statement: CapabilityStatement = tellFlows(capabilityStatement(base, 0, 'single'), base)
  const [rest] = statement.rest ?? []
  const told = [
    ...(rest?.operation ?? []).map(({ name }) => `system ${name}`),
    ...(rest?.resource ?? []).flatMap(({ type, operation }) => {
      const others = new Set(operationsOf(type).map(({ name }) => name.slice(1)))
      return (operation ?? []).flatMap(({ name }) => (others.has(name) ? [] : [`${type} ${name}`]))
    }),
  ]
  expect(told.toSorted()).toEqual([...new Set(served)].toSorted())
  expect(rest?.extension?.[0]?.valueUri).toBe('wss://clinic.example/fhir/$notifications')
  expect(rest?.resource?.find(({ type }) => type === 'Subscription')?.extension?.[0]?.valueCanonical).toBe(
    'urn:throughline:topic:task-changed',
  )
})
