import type { RunbookPage } from '../../contracts/index.ts'
import { runbooks as shapes } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { readYaml } from '../../pathways/index.ts'
import { refuse } from '../errors.ts'
import { lockHead } from '../ladder/standings.ts'

/** Reads a runbook; refused with a fault for each place where something is wrong or too long. */
export function readRunbook(source: string, roles: readonly string[]) {
  const { content, findings = [] } = readSource(source)
  const read = shapes.runbookContent.safeParse(content)
  const faults = read.success
    ? read.data.tells.flatMap(({ who, whom }, index) =>
        [who, ...whom]
          .filter((role) => !roles.includes(role))
          .map((role) => ({ path: `tells.${index}`, message: `there is no role ${role}` })),
      )
    : [...findings, ...read.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))]
  if (!read.success || faults.length > 0) throw refuse('runbook-refused', { faults })
  return read.data
}

function readSource(source: string): { content: unknown; findings?: { path: string; message: string }[] } {
  try {
    return { content: readYaml(source).content }
  } catch (error) {
    return {
      content: undefined,
      findings: [{ path: 'source', message: error instanceof Error ? error.message : 'no YAML' }],
    }
  }
}

/** Keeps a runbook as a new version, unless it is the newest already. */
export async function keepRunbook(
  tx: Tx,
  context: CallContext,
  asked: { automation?: string | undefined; source: string; note: string; roles: readonly string[] },
): Promise<{ automation: string; version: number; changed: boolean }> {
  const content = readRunbook(asked.source, asked.roles)
  const { automation } = content
  if (asked.automation !== undefined && asked.automation !== automation)
    throw refuse('runbook-refused', {
      faults: [{ path: 'automation', message: `${automation}, and not ${asked.automation}` }],
    })
  await lockHead(tx, automation, 'update')
  const [newest] = await tx.query<{ version: number; source: string }>({
    text: 'select version, source from automation_runbook where tenant_id = $1 and automation = $2 order by version desc limit 1',
    values: [tx.tenant, automation],
  })
  if (newest?.source === asked.source) return { automation, version: newest.version, changed: false }
  const version = (newest?.version ?? 0) + 1
  await tx.run({
    text: 'insert into automation_runbook (tenant_id, automation, version, source, content, note, at, by_name) values ($1, $2, $3, $4, $5, $6, $7, $8)',
    values: [
      tx.tenant,
      automation,
      version,
      asked.source,
      JSON.stringify(content),
      asked.note,
      new Date(context.clock.now()),
      context.actor.name,
    ],
  })
  return { automation, version, changed: true }
}

/** The newest runbook of an automation; null where nobody has written one. */
export async function latestRunbook(tx: Tx, automation: string): Promise<RunbookPage['runbook']> {
  const [row] = await tx.query<{
    version: number
    source: string
    content: NonNullable<RunbookPage['runbook']>['content']
    note: string
    at: Date
    by_name: string
  }>({
    text: 'select version, source, content, note, at, by_name from automation_runbook where tenant_id = $1 and automation = $2 order by version desc limit 1',
    values: [tx.tenant, automation],
  })
  if (!row) return null
  const { by_name, at, ...rest } = row
  return { ...rest, at: at.toISOString(), by: by_name }
}
