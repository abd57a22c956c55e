import type { CapabilityStatement } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'

const house = useHouse()
const door = useDoor(house)

// Addresses of ours, which no OperationDefinition describes.
const own = new Set(['$explain', '$import-upload'])

test('the capability statement tells of every operation that any room serves, and of none that is not served', async () => {
  const served = new Set(
    door.routes.flatMap(({ path }) => {
      const [, type = '', name = ''] = /^\/fhir\/(?:(:type|[A-Z]\w+)\/)?(?::id\/)?(\$[\w-]+)$/.exec(path) ?? []
      return name === '' || own.has(name) ? [] : [`${type === ':type' ? 'every type' : type} ${name}`]
    }),
  )
  const { body } = await door.fhir('GET', '/fhir/metadata')
  const [rest] = (body as unknown as CapabilityStatement).rest ?? []
  const types = rest?.resource ?? []
  const named = types.flatMap(({ type, operation = [] }) => operation.map(({ name }) => ({ type, name })))
  const told = new Set((rest?.operation ?? []).map(({ name }) => ` $${name}`))
  for (const { type, name } of named) {
    // Audit events are no type of the record: what every type can do, they cannot.
    const everywhere = types.every(
      (one) => one.type === 'AuditEvent' || one.operation?.some((other) => other.name === name),
    )
    told.add(`${everywhere ? 'every type' : type} $${name}`)
  }
  expect([...told].toSorted()).toEqual([...served].toSorted())
})
