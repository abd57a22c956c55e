import { recordAccess } from '../audit/index.ts'
import { importBundles } from '../fhir/index.ts'
import { type CallContext, newId, systemActor, systemClock } from '../kernel/index.ts'
import { readConfig } from './config.ts'
import { auditEntry } from './keep-audit.ts'
import { openHouse } from './open.ts'

const width = 24

/** `throughline import <path>…`: loads FHIR files into the first tenant; joins a server that runs, or opens the data itself. */
export async function runImport(paths: readonly string[]): Promise<void> {
  if (paths.length === 0) throw new Error('say which file or folder to import')
  const config = readConfig(process.env)
  const house = await openHouse(config, systemClock, { visit: true })
  try {
    const [tenant] = await house.database.tenants()
    if (tenant === undefined)
      throw new Error('there is no organisation yet: run `npm start` once and set it up, or `npm run demo`')
    const context: CallContext = {
      tenant,
      actor: { ...systemActor, id: 'import' },
      clock: systemClock,
      requestId: newId(systemClock),
      locale: 'en',
    }
    const started = performanceNow()
    const live = process.stderr.isTTY
    const report = await importBundles(
      {
        record: house.record,
        database: house.database,
        audit: (tx, of, entry) => recordAccess(tx, of, [auditEntry(entry)]),
      },
      context,
      paths,
      (so) => {
        if (live)
          process.stderr.write(
            `\r${'█'.repeat(so.files % width).padEnd(width, '░')} ${so.files} files, ${so.entries} entries`,
          )
      },
    )
    if (live) process.stderr.write('\n')
    const seconds = (performanceNow() - started) / 1000
    process.stdout.write(
      `${report.files} files, ${report.entries} entries: ${report.created} created, ${report.updated} updated, ${report.unchanged} unchanged, ${report.failed.length} failed, in ${seconds.toFixed(1)} s\n`,
    )
    for (const { file, faults } of report.failed)
      for (const fault of faults.slice(0, 20)) process.stdout.write(`  ${file} ${fault.path}: ${fault.message}\n`)
    if (report.failed.length > 0) process.exitCode = 1
  } finally {
    await house.close()
  }
}

const performanceNow = (): number => systemClock.now()
