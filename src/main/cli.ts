import { flushCompileCache } from 'node:module'
import { CodedError, systemClock } from '../kernel/index.ts'
import { readConfig } from './config.ts'
import { openHouse } from './open.ts'
import { untilSignalled } from './until-signalled.ts'

const usage = `throughline start                     serve the console and the API, and work
throughline demo [--exit|--again]     load a demonstration clinic, print what happened, serve it; or serve the last one
throughline import <file or folder>   load FHIR bundles (JSON, NDJSON, gzip too) into the record
throughline client list|add|disable    applications that may ask to be let in (SMART on FHIR)
throughline audit export|verify|prove|begin   the audit for its auditors; \`throughline audit\` tells more
throughline scenarios <folder>        play the scenarios of a folder of pathways, for continuous integration
throughline terminology load <kind> <zip or folder>   load ICD-10-CM, LOINC, RxNorm, SNOMED CT or CPT
`

async function start(): Promise<void> {
  const { serve } = await import('./serve.ts')
  const config = readConfig(process.env)
  const house = await openHouse(config, systemClock)
  const serving = await serve(house, config)
  process.stdout.write(`Throughline serves ${serving.url}\nData: ${house.where}\n`)
  // Now and not at the end: a server that is killed has no end, and the next start wants it.
  flushCompileCache()
  await untilSignalled(async () => {
    await serving.stop()
    await house.close()
  })
}

async function main(): Promise<void> {
  const [command, ...rest] = process.argv.slice(2)
  switch (command) {
    case 'start':
      return start()
    case 'demo':
      return (await import('./demo/run-demo.ts')).runDemo(rest)
    case 'import':
      return (await import('./import.ts')).runImport(rest)
    case 'client':
      return (await import('./run-client.ts')).runClient(rest)
    case 'audit':
      return (await import('./run-audit.ts')).runAudit(rest)
    case 'scenarios':
      process.exitCode = await (await import('./run-scenarios.ts')).runScenariosOf(rest, (text) => {
        process.stdout.write(text)
      })
      return
    case 'terminology':
      return (await import('./run-terminology.ts')).runTerminology(rest)
    default:
      process.stdout.write(usage)
      process.exitCode = command === undefined || command === '--help' ? 0 : 2
  }
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    if (error instanceof CodedError) {
      process.stderr.write(`throughline: ${error.message} (${error.code})\n`)
      for (const fault of error.faults) process.stderr.write(`  ${fault.path}: ${fault.message}\n`)
    } else process.stderr.write(`throughline: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  },
)
