import type { CapabilityStatement } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import type { Database } from '../db/index.ts'
import { movedClock, systemActor, tenantId } from '../kernel/index.ts'
import { createRecord, recordRoutes } from './index.ts'

const routes = recordRoutes({
  record: createRecord(),
  database: {} as Database,
  audit: async () => {},
  baseUrl: 'https://clinic.example/fhir',
})

async function statement(): Promise<CapabilityStatement> {
  const context = {
    tenant: tenantId('alpha'),
    actor: systemActor,
    clock: movedClock(0),
    requestId: 'test',
    locale: 'en' as const,
  }
  const request = { params: {}, query: {}, body: undefined, headers: {}, url: '/fhir/metadata', ip: '::1' }
  const reply = await routes.find(({ path }) => path === '/fhir/metadata')?.handle(context, request)
  return JSON.parse(String(reply?.body)) as CapabilityStatement
}

/** What a route serves, in the statement's words: of every type (`*`), of one, or of the whole system. */
const served: Readonly<Record<string, string | undefined>> = {
  'GET /fhir/metadata': undefined,
  'POST /fhir': 'system transaction,system batch',
  'GET /fhir': 'system search-system',
  'POST /fhir/_search': 'system search-system',
  'GET /fhir/_history': 'system history-system',
  'GET /fhir/:type': '* search-type',
  'POST /fhir/:type/_search': '* search-type',
  'POST /fhir/:type': '* create',
  'PUT /fhir/:type': '* conditionalUpdate',
  'PATCH /fhir/:type': '* conditionalPatch',
  'DELETE /fhir/:type': '* conditionalDelete',
  'GET /fhir/:type/_history': '* history-type',
  'GET /fhir/:type/:id': '* read',
  'PUT /fhir/:type/:id': '* update',
  'PATCH /fhir/:type/:id': '* patch',
  'DELETE /fhir/:type/:id': '* delete',
  'GET /fhir/:type/:id/_history': '* history-instance',
  'GET /fhir/:type/:id/_history/:version': '* vread',
}

test('the capability statement names what the routes serve, and nothing else', async () => {
  const wanted = new Set(
    routes.flatMap(({ method, path }) => {
      // The operator's look at a query's plan is no interaction of FHIR.
      if (path === '/fhir/:type/$explain') return []
      const operation = /^\/fhir\/(:type|\w+)\/(?::id\/)?\$([\w-]+)$/.exec(path)
      if (operation) return [`${operation[1] === ':type' ? '*' : operation[1]} $${operation[2]}`]
      const key = `${method} ${path}`
      // A route that this test does not know of must be told of here, and in the statement.
      expect(served, key).toHaveProperty([key])
      return served[key]?.split(',') ?? []
    }),
  )
  const rest = (await statement()).rest?.[0]
  const told = new Set(rest?.interaction?.map(({ code }) => `system ${code}`))
  const types = rest?.resource ?? []
  const linesOf = (resource: (typeof types)[number]) => [
    ...(resource.interaction ?? []).map(({ code }) => code),
    ...(resource.operation ?? []).map(({ name }) => `$${name}`),
    ...(resource.conditionalUpdate ? ['conditionalUpdate'] : []),
    ...(resource.conditionalDelete === 'not-supported' ? [] : ['conditionalDelete']),
    // R4 has no word for a conditional patch: whoever patches may patch by condition.
    ...(resource.interaction?.some(({ code }) => code === 'patch') ? ['conditionalPatch'] : []),
  ]
  const common = new Set(
    linesOf(types[0] ?? { type: 'Account' }).filter((line) =>
      types.every((resource) => linesOf(resource).includes(line)),
    ),
  )
  for (const line of common) told.add(`* ${line}`)
  for (const resource of types)
    for (const line of linesOf(resource)) if (!common.has(line)) told.add(`${resource.type} ${line}`)
  expect([...told].toSorted()).toEqual([...wanted].toSorted())
})

test('the statement lets a client know how to patch, and that conditions may be used', async () => {
  const { patchFormat, rest } = await statement()
  expect(patchFormat).toEqual(['application/json-patch+json', 'application/fhir+json'])
  expect(rest?.[0]?.resource?.find(({ type }) => type === 'Patient')).toMatchObject({
    conditionalRead: 'full-support',
    conditionalCreate: true,
    conditionalDelete: 'single',
  })
})
