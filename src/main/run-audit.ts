import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { exportLog, extendChain, proveEvent, verifyExport } from '../audit/index.ts'
import { systemClock, type TenantId, tenantId } from '../kernel/index.ts'
import { readConfig } from './config.ts'
import { openHouse, type OpenHouse } from './open.ts'

export const auditUsage = `throughline audit export [--tenant T] [--out file]      the whole log as NDJSON
throughline audit verify --export file --checkpoints file --key public.pem [--leaves file]
                                      hold an export against its checkpoints, without any database
throughline audit verify --database [--tenant T]        the same for the database itself
throughline audit prove <event id> [--tenant T]         that one event is under a signed checkpoint
throughline audit begin --reason text [--tenant T]      a new series of checkpoints, after a backup was restored
`

const say = (text: string) => process.stdout.write(`${text}\n`)

interface Verdict {
  ok: boolean
  rows: number
  sealed: number
  firstBad?: { link: number; event: string | undefined; fault: string; after?: number } | undefined
}

function tell({ ok, rows, sealed, firstBad }: Verdict): void {
  if (firstBad) {
    const where =
      firstBad.after === undefined ? `row ${firstBad.link}` : `rows ${firstBad.after + 1} to ${firstBad.link}`
    say(`BAD: ${where}${firstBad.event === undefined ? '' : `, event ${firstBad.event}`}: ${firstBad.fault}`)
  }
  say(`${rows} rows hold${ok ? '' : ' before it'}, ${sealed} of them under a checkpoint.`)
  if (!ok) process.exitCode = 1
}

async function withHouse(
  asked: string | undefined,
  work: (house: OpenHouse, tenant: TenantId) => Promise<void>,
): Promise<void> {
  const house = await openHouse(readConfig(process.env), systemClock, { visit: true })
  try {
    const tenants = await house.database.tenants()
    const tenant = asked === undefined ? tenants[0] : tenantId(asked)
    if (tenant === undefined || !tenants.includes(tenant)) throw new Error('there is no such organisation')
    await work(house, tenant)
  } finally {
    await house.close()
  }
}

/** `throughline audit …`: what an auditor does at a command line. Ends with 1 when something does not hold. */
export async function runAudit([command, ...rest]: readonly string[]): Promise<void> {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args: [...rest],
    allowPositionals: true,
    options: {
      tenant: text,
      out: text,
      export: text,
      checkpoints: text,
      leaves: text,
      key: text,
      reason: text,
      database: { type: 'boolean' },
    },
  })
  if (command === 'verify' && values.database !== true) return verifyFiles(values)
  switch (command) {
    case 'export':
      return withHouse(values.tenant, async ({ database, clock }, tenant) => {
        await extendChain(database, tenant)
        const out = values.out === undefined ? process.stdout : createWriteStream(values.out, { mode: 0o600 })
        await database.transaction(tenant, async (tx) => {
          for await (const piece of exportLog(tx, clock.now())) if (!out.write(piece)) await once(out, 'drain')
        })
        if (out !== process.stdout) await new Promise<void>((done) => out.end(done))
      })
    case 'verify':
      return withHouse(values.tenant, async ({ seals }, tenant) => {
        const report = await seals.verify(tenant)
        const { files } = await seals.state(tenant)
        if (files) say(`BAD: line ${files.line} of the checkpoints: ${files.fault}`)
        tell({ ...report, ok: report.ok && !files })
      })
    case 'prove':
      return withHouse(values.tenant, async ({ database, seals }, tenant) => {
        const files = await seals.folder()
        const proof = await database.transaction(tenant, (tx) => proveEvent(tx, files, positionals[0] ?? ''))
        say(JSON.stringify(proof, undefined, 2))
      })
    case 'begin': {
      const { reason } = values
      if (reason === undefined || reason.trim() === '')
        throw new Error('say why: --reason "restored from a backup of …"')
      return withHouse(values.tenant, async ({ seals }, tenant) => {
        await seals.begin(tenant, reason)
        const { folder } = await seals.folder()
        say(`A new series begins in ${join(folder, `${tenant}.checkpoints`)}; the former one is kept beside it.`)
      })
    }
    default:
      process.stdout.write(auditUsage)
      process.exitCode = 2
  }
}

async function verifyFiles(values: {
  export?: string | undefined
  checkpoints?: string | undefined
  leaves?: string | undefined
  key?: string | undefined
}): Promise<void> {
  const { export: exported, checkpoints, key, leaves } = values
  if (exported === undefined || checkpoints === undefined || key === undefined)
    throw new Error('needs --export, --checkpoints and --key (or --database)')
  const report = await verifyExport({ export: exported, checkpoints, key, leaves })
  say(`Log of ${report.tenant}, ${report.checkpoints} checkpoints.`)
  if (report.checkpoints === 0) say('BAD: no checkpoint to hold it against')
  if (report.badCheckpoint)
    say(`BAD: line ${report.badCheckpoint.line} of the checkpoints: ${report.badCheckpoint.fault}`)
  if (report.leaves !== 'used')
    say(`The hashes of single events are ${report.leaves}: a bad row is named less exactly.`)
  tell(report)
}
