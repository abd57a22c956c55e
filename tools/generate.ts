// Writes every generated file anew. `--check`: writes nothing that differs stays; ends with 1 if a file would change.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const root = new URL('../', import.meta.url).pathname
const generators: [script: string, files: string[]][] = [
  ['tools/generate-element-types.ts', ['src/expressions/generated/element-types.json']],
  ['tools/generate-structure.ts', ['src/fhir/generated/structure.json']],
  ['tools/generate-search-parameters.ts', ['src/fhir/generated/search-parameters.json']],
  ['tools/generate-hl7-terminology.ts', ['src/terminology/generated/hl7.json']],
  ['tools/generate-compartments.ts', ['src/fhir/generated/compartments.json']],
  ['tools/generate-invariants.ts', ['src/fhir/generated/invariants.json']],
  ['tools/generate-pathway-extensions.ts', ['docs/fhir/generated/pathway-extensions.json']],
]

let stale = 0
for (const [script, files] of generators) {
  const before = files.map((file) => readFileSync(root + file, 'utf8'))
  execFileSync(process.execPath, [root + script], { stdio: 'inherit', cwd: root })
  files.forEach((file, index) => {
    const was = before[index] ?? ''
    if (readFileSync(root + file, 'utf8') === was) return
    stale += 1
    process.stdout.write(
      `${file} ${process.argv.includes('--check') ? 'is not what' : 'written anew by'} ${script}${process.argv.includes('--check') ? ' writes' : ''}\n`,
    )
    if (process.argv.includes('--check')) writeFileSync(root + file, was)
  })
}
process.exitCode = stale > 0 && process.argv.includes('--check') ? 1 : 0
