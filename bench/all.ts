// Every bench in turn; each prints its ratios and the machine.
import { spawnSync } from 'node:child_process'

for (const name of [
  'engine',
  'replay',
  'journeys',
  'fhir',
  'flows',
  'access',
  'audit',
  'terminology',
  'assign',
  'start-up',
]) {
  process.stdout.write(`\n── ${name}\n`)
  const { status } = spawnSync(process.execPath, [new URL(`${name}.ts`, import.meta.url).pathname], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}
