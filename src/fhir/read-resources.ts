import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { readExact } from '../kernel/index.ts'

/** A version as it lies in the tables; `content` is null when it is a deletion. */
export interface StoredVersion {
  type: string
  id: string
  version: number
  updated: Date
  content: string | null
}

const split = (reference: string): [string, string] => {
  const [type = '', id = ''] = reference.split('/')
  return [type, id]
}

/** The current version, deleted or not. */
export async function readStored(tx: Tx, type: string, id: string): Promise<StoredVersion | undefined> {
  const [row] = await tx.query<StoredVersion>({
    name: 'fhir-read',
    text: 'select type, id, version, updated, content from fhir_resource where tenant_id = $1 and type = $2 and id = $3',
    values: [tx.tenant, type, id],
  })
  return row
}

/** The current version, locked until the transaction ends: what is made of it is written before anybody else writes. */
export async function lockStored(tx: Tx, type: string, id: string): Promise<StoredVersion | undefined> {
  const [row] = await tx.query<StoredVersion>({
    name: 'fhir-lock-one',
    text: 'select type, id, version, updated, content from fhir_resource where tenant_id = $1 and type = $2 and id = $3 for update',
    values: [tx.tenant, type, id],
  })
  return row
}

export async function readVersion(
  tx: Tx,
  type: string,
  id: string,
  version: number,
): Promise<StoredVersion | undefined> {
  const [row] = await tx.query<StoredVersion>({
    name: 'fhir-vread',
    text: 'select type, id, version, updated, content from fhir_history where tenant_id = $1 and type = $2 and id = $3 and version = $4',
    values: [tx.tenant, type, id, version],
  })
  return row
}

/** `Type/id`; undefined when it is not there or is deleted. */
export async function readResource(tx: Tx, reference: string): Promise<Resource | undefined> {
  const row = await readStored(tx, ...split(reference))
  return row === undefined || row.content === null ? undefined : (readExact(row.content) as Resource)
}

/** Current versions that are not deleted, in no order. */
export async function readStoredMany(tx: Tx, references: readonly string[]): Promise<StoredVersion[]> {
  if (references.length === 0) return []
  const pairs = [...new Set(references)].map(split)
  return tx.query<StoredVersion>({
    name: 'fhir-read-many',
    text: `
      select r.type, r.id, r.version, r.updated, r.content from unnest($2::text[], $3::text[]) as v (type, id)
      join fhir_resource r on r.tenant_id = $1 and r.type = v.type and r.id = v.id
      where r.content is not null`,
    values: [tx.tenant, pairs.map(([type]) => type), pairs.map(([, id]) => id)],
  })
}

export async function readResources(tx: Tx, references: readonly string[]): Promise<Map<string, Resource>> {
  const found = new Map<string, Resource>()
  for (const row of await readStoredMany(tx, references))
    if (row.content !== null) found.set(`${row.type}/${row.id}`, readExact(row.content) as Resource)
  return found
}
