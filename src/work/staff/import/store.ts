import type { Tx } from '../../../db/index.ts'
import type { LineFault, PlannedLine } from '../../../fhir/index.ts'
import type { Actor } from '../../../kernel/index.ts'

export const importKinds = ['people', 'licences', 'shifts', 'panel', 'fhir'] as const
export type ImportKind = (typeof importKinds)[number]
export type ImportState = 'reading' | 'ready' | 'faulty' | 'writing' | 'done' | 'undoing' | 'undone' | 'failed'

/** A file of people on its way into the record. */
export interface StaffImport {
  id: string
  what: ImportKind
  name: string
  state: ImportState
  /** How far the present state is. */
  done: number
  total: number
  counts: { new?: number; changed?: number; same?: number; back?: number; stay?: number }
  /** The first two hundred. */
  faults: LineFault[]
  faultCount: number
  actor: Actor & { purpose?: string }
  madeAt: Date
}

const columns =
  'id, what, name, state, done, total, counts, faults, fault_count as "faultCount", actor, made_at as "madeAt"'
const mostFaults = 200

export async function readImport(tx: Tx, id: string): Promise<StaffImport | undefined> {
  const [row] = await tx.query<StaffImport>({
    name: 'read-staff-import',
    text: `select ${columns} from staff_import where tenant_id = $1 and id = $2`,
    values: [tx.tenant, id],
  })
  return row
}

/** The newest twenty. */
export const listImports = (tx: Tx): Promise<StaffImport[]> =>
  tx.query<StaffImport>({
    name: 'list-staff-imports',
    text: `select ${columns} from staff_import where tenant_id = $1 order by made_at desc, id desc limit 20`,
    values: [tx.tenant],
  })

export const addImport = (
  tx: Tx,
  one: Pick<StaffImport, 'id' | 'what' | 'name' | 'actor' | 'madeAt'> & { content: string },
): Promise<unknown> =>
  tx.run({
    name: 'add-staff-import',
    text: `insert into staff_import (tenant_id, id, what, name, state, content, actor, made_at) values ($1, $2, $3, $4, 'reading', $5, $6, $7)`,
    values: [tx.tenant, one.id, one.what, one.name, one.content, JSON.stringify(one.actor), one.madeAt],
  })

/** The file, and the digest of what it would write. */
export async function readContent(tx: Tx, id: string): Promise<{ content: string; digest: string | null } | undefined> {
  const [row] = await tx.query<{ content: string | null; digest: string | null }>({
    name: 'read-staff-import-content',
    text: 'select content, digest from staff_import where tenant_id = $1 and id = $2',
    values: [tx.tenant, id],
  })
  return row?.content == null ? undefined : { content: row.content, digest: row.digest }
}

/** Moves on from one of some states; answers whether it stood in one. */
export async function moveOn(tx: Tx, id: string, from: readonly ImportState[], to: ImportState): Promise<boolean> {
  const rows = await tx.query({
    name: 'move-staff-import',
    text: `update staff_import set state = $4, done = 0, total = 0,
             content = case when $4 in ('done', 'failed') then null else content end
           where tenant_id = $1 and id = $2 and state = any ($3) returning id`,
    values: [tx.tenant, id, from, to],
  })
  return rows.length > 0
}

export const keepProgress = (tx: Tx, id: string, done: number, total: number): Promise<unknown> =>
  tx.run({
    name: 'staff-import-progress',
    text: 'update staff_import set done = $3, total = $4 where tenant_id = $1 and id = $2',
    values: [tx.tenant, id, done, total],
  })

export const keepFaults = (
  tx: Tx,
  id: string,
  faults: readonly LineFault[],
  state: 'faulty' | 'done',
): Promise<unknown> =>
  tx.run({
    name: 'staff-import-faults',
    text: `update staff_import set state = $5, content = null, done = 0, total = 0, faults = $3, fault_count = $4 where tenant_id = $1 and id = $2`,
    values: [tx.tenant, id, JSON.stringify(faults.slice(0, mostFaults)), faults.length, state],
  })

export const keepCounts = (tx: Tx, id: string, counts: StaffImport['counts'], digest?: string): Promise<unknown> =>
  tx.run({
    name: 'staff-import-counts',
    text: 'update staff_import set counts = counts || $3::jsonb, digest = coalesce($4, digest) where tenant_id = $1 and id = $2',
    values: [tx.tenant, id, JSON.stringify(counts), digest ?? null],
  })

/** What each line would do, in place of what was there. */
export async function keepLines(tx: Tx, id: string, lines: readonly PlannedLine[]): Promise<void> {
  await tx.run({
    name: 'forget-staff-import-lines',
    text: 'delete from staff_import_line where tenant_id = $1 and import = $2',
    values: [tx.tenant, id],
  })
  await tx.run({
    name: 'keep-staff-import-lines',
    text: `insert into staff_import_line (tenant_id, import, line, about, act, changes)
           select $1, $2, * from unnest($3::int[], $4::text[], $5::text[], $6::jsonb[]) on conflict do nothing`,
    values: [
      tx.tenant,
      id,
      lines.map(({ line }) => line),
      lines.map(({ about }) => about),
      lines.map(({ act }) => act),
      lines.map(({ changes }) => JSON.stringify(changes)),
    ],
  })
}

/** A page of lines after one, those that change nothing left out unless they are asked for. */
export const readLines = (
  tx: Tx,
  id: string,
  after: number,
  act: 'new' | 'changed' | 'same' | undefined,
): Promise<PlannedLine[]> =>
  tx.query<PlannedLine>({
    name: 'staff-import-lines',
    text: `select line, about, act, changes from staff_import_line
           where tenant_id = $1 and import = $2 and line > $3 and ($4::text is null or act = $4) order by line limit 100`,
    values: [tx.tenant, id, after, act ?? null],
  })

export const keepWrites = (
  tx: Tx,
  id: string,
  from: number,
  written: readonly { resource: string; version: number }[],
): Promise<unknown> =>
  tx.run({
    name: 'keep-staff-import-writes',
    text: `insert into staff_import_write (tenant_id, import, n, resource, version)
           select $1, $2, $3 + ordinality, resource, version from unnest($4::text[], $5::int[]) with ordinality as t (resource, version, ordinality)`,
    values: [tx.tenant, id, from, written.map(({ resource }) => resource), written.map(({ version }) => version)],
  })

/** In the order in which they were written. */
export const readWrites = (tx: Tx, id: string): Promise<{ resource: string; version: number }[]> =>
  tx.query({
    name: 'read-staff-import-writes',
    text: 'select resource, version from staff_import_write where tenant_id = $1 and import = $2 order by n',
    values: [tx.tenant, id],
  })
