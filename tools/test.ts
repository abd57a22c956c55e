// What `npm test` runs: types, lint, generated files, then every test there is. Ends with one line of counts.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findChromium } from '../testkit/chromium.ts'

const root = new URL('../', import.meta.url).pathname
const bin = (path: string) => join(root, 'node_modules', path)

function loudly(text: string): void {
  const line = '═'.repeat(text.length + 4)
  process.stdout.write(`\n╔${line}╗\n║  ${text}  ║\n╚${line}╝\n\n`)
}

function step(name: string, command: string, args: readonly string[]): boolean {
  process.stdout.write(`── ${name}\n`)
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, FORCE_COLOR: '0' },
  })
  if (error) process.stdout.write(`${name}: ${error.message}\n`)
  return status === 0
}

if (findChromium() === undefined)
  loudly('NO CHROMIUM FOUND: the browser tests are skipped. Install it (apt-get install chromium) or set CHROMIUM.')
if (!existsSync(process.env['THROUGHLINE_SHARED_DATA'] ?? join(root, '../shared/data')))
  loudly('../shared/data IS NOT HERE: the tests on data that others wrote are skipped.')

const node = process.execPath
const checks = [
  step('types', node, [bin('typescript/bin/tsc'), '-p', root]),
  step('lint', node, [bin('oxlint/bin/oxlint'), '--type-aware']),
  step('format', node, [bin('@biomejs/biome/bin/biome'), 'format', '--max-diagnostics=5']),
  step('unused code', node, [bin('knip/bin/knip.js')]),
  step('generated files', node, [join(root, 'tools/generate.ts'), '--check']),
]
const failedChecks = checks.filter((ok) => !ok).length

const output = join(mkdtempSync(join(tmpdir(), 'throughline-results-')), 'results.json')
const tested = step('tests', node, [
  bin('vitest/vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${output}`,
  ...process.argv.slice(2),
])
interface Results {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
}
const results: Results = existsSync(output)
  ? JSON.parse(readFileSync(output, 'utf8'))
  : { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0 }
// A test file that does not load fails the run without a failed test in it.
const failedTests = Math.max(results.numFailedTests, tested ? 0 : 1)
process.stdout.write(
  `\n${results.numPassedTests + checks.length - failedChecks} passed, ${failedTests + failedChecks} failed, ${results.numPendingTests} skipped\n`,
)
process.exitCode = failedTests + failedChecks > 0 ? 1 : 0
