import { MedplumClient } from '@medplum/core'
import type { Bundle, Patient, Task } from '@medplum/fhirtypes'
import { Client as FhirKitClient, type FhirResource } from 'fhir-kit-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshClinic, startFreshClinic } from '../testkit/fresh-clinic.ts'

// Clients that others wrote, as they are published, against the program as it is started.
let clinic: FreshClinic
beforeAll(async () => {
  clinic = await startFreshClinic()
}, 60_000)
afterAll(() => clinic.close())

const patient = (value: string): Patient => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:mrn', value }],
  name: [{ family: 'Roy', given: ['Ana'] }],
})

/** Its types want an index signature that FHIR's have not. */
const kit = (resource: object) => resource as FhirResource
const entriesOf = (resource: FhirResource) => (resource as unknown as Bundle).entry ?? []

test('fhir-kit-client creates, reads, searches, patches, bundles and deletes', async () => {
  const client = new FhirKitClient({ baseUrl: `${clinic.url}/fhir`, bearerToken: clinic.token })
  const statement = await client.capabilityStatement()
  expect(statement.fhirVersion).toBe('4.0.1')

  const made = await client.create({ resourceType: 'Patient', body: kit(patient('kit-1')) })
  const id = String(made.id)
  expect(await client.read({ resourceType: 'Patient', id })).toEqual(made)
  expect(await client.vread({ resourceType: 'Patient', id, version: '1' })).toEqual(made)

  await client.update({
    resourceType: 'Patient',
    id,
    body: { ...made, active: true },
  })
  const patched = await client.patch({
    resourceType: 'Patient',
    id,
    jsonPatch: [{ op: 'add', path: '/birthDate', value: '1980-02-03' }],
  })
  expect(patched).toMatchObject({ id, active: true, birthDate: '1980-02-03', meta: { versionId: '3' } })

  const found = await client.resourceSearch({
    resourceType: 'Patient',
    searchParams: { identifier: 'urn:mrn|kit-1' },
  })
  expect(entriesOf(found).map(({ resource }) => resource?.id)).toEqual([id])

  for (let n = 0; n < 5; n += 1) await client.create({ resourceType: 'Patient', body: kit(patient(`kit-page-${n}`)) })
  let page = await client.search({
    resourceType: 'Patient',
    searchParams: { family: 'Roy', _count: 2 },
  })
  const seen = entriesOf(page).map(({ resource }) => resource?.id)
  for (;;) {
    const next = client.nextPage({ bundle: page as Parameters<typeof client.nextPage>[0]['bundle'] })
    if (!next) break
    page = await next
    seen.push(...entriesOf(page).map(({ resource }) => resource?.id))
  }
  expect([seen.length, new Set(seen).size]).toEqual([6, 6])

  const answer = await client.transaction({
    body: kit({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          fullUrl: 'urn:uuid:3f1d3a3e-0000-4000-8000-000000000000',
          request: { method: 'POST', url: 'Patient' },
          resource: patient('kit-2'),
        },
        {
          request: { method: 'POST', url: 'Task' },
          resource: {
            resourceType: 'Task',
            status: 'requested',
            intent: 'order',
            for: { reference: 'urn:uuid:3f1d3a3e-0000-4000-8000-000000000000' },
          },
        },
      ],
    }),
  })
  expect(entriesOf(answer).map(({ response }) => response?.status)).toEqual(['201', '201'])

  const history = await client.history({ resourceType: 'Patient', id })
  expect(entriesOf(history).length).toBe(3)
  const everything = await client.operation({
    name: 'everything',
    resourceType: 'Patient',
    id,
    method: 'GET',
  })
  expect(entriesOf(everything)[0]?.resource).toMatchObject({ id })
  await client.delete({ resourceType: 'Patient', id })
  await expect(client.read({ resourceType: 'Patient', id })).rejects.toMatchObject({ response: { status: 410 } })
})

test('the Medplum client works with our address in the place of theirs', async () => {
  const client = new MedplumClient({ baseUrl: clinic.url, fetch, accessToken: clinic.token })
  const made = await client.createResource(patient('med-1'))
  const { id } = made
  expect(await client.readResource('Patient', id)).toEqual(made)

  // Conditional create finds it, conditional update changes it.
  expect((await client.createResourceIfNoneExist(patient('med-1'), 'identifier=urn:mrn|med-1')).id).toBe(id)
  const upserted = await client.upsertResource({ ...patient('med-1'), active: true }, 'identifier=urn:mrn|med-1')
  expect(upserted).toMatchObject({ id, active: true })

  const updated = await client.updateResource({ ...upserted, gender: 'female' })
  expect(updated).toMatchObject({ id, gender: 'female' })
  const patched = await client.patchResource('Patient', id, [
    { op: 'test', path: '/gender', value: 'female' },
    { op: 'replace', path: '/gender', value: 'other' },
  ])
  expect(patched).toMatchObject({ id, gender: 'other' })

  expect((await client.searchOne('Patient', 'identifier=urn:mrn|med-1'))?.id).toBe(id)
  expect(await client.searchResources('Patient', { family: 'Roy', identifier: 'urn:mrn|med-1' })).toHaveLength(1)
  const pages: number[] = []
  for (let n = 0; n < 3; n += 1)
    await client.createResource({ ...patient(`med-page-${n}`), name: [{ family: 'Paged' }] })
  for await (const page of client.searchResourcePages('Patient', 'family=Paged&_count=2')) pages.push(page.length)
  expect(pages).toEqual([2, 1])

  const answer = await client.executeBatch({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        fullUrl: 'urn:uuid:5b1f3a3e-0000-4000-8000-000000000000',
        request: { method: 'PUT', url: 'Patient?identifier=urn:mrn|med-1' },
        resource: patient('med-1'),
      },
      {
        request: { method: 'POST', url: 'Task', ifNoneExist: 'identifier=urn:t|1' },
        resource: {
          resourceType: 'Task',
          identifier: [{ system: 'urn:t', value: '1' }],
          status: 'requested',
          intent: 'order',
          for: { reference: 'Patient?identifier=urn:mrn|med-1' },
          focus: { reference: 'urn:uuid:5b1f3a3e-0000-4000-8000-000000000000' },
        },
      },
    ],
  })
  expect(answer.entry?.map(({ response }) => response?.status)).toEqual(['200', '201'])
  const task = (await client.searchOne('Task', 'identifier=urn:t|1')) as Task
  expect([task.for?.reference, task.focus?.reference]).toEqual([`Patient/${id}`, `Patient/${id}`])

  expect((await client.readHistory('Patient', id)).entry?.length).toBe(5)
  expect((await client.readVersion('Patient', id, '1')).meta?.versionId).toBe('1')
  expect((await client.readPatientEverything(id)).entry?.map(({ resource }) => resource?.resourceType)).toEqual([
    'Patient',
    'Task',
  ])
  expect((await client.validateResource({ ...patient('x'), gender: 'other' })).issue[0]?.severity).toBe('information')
  await client.deleteResource('Patient', id)
  await expect(client.readResource('Patient', id)).rejects.toThrow(/deleted/)
})
