// Applies every PlanDefinition (R4, JSON) under a folder to a made-up patient, and reads each as a pathway: a line for each,
// then the counts. Ends with 1 if one of them crashed, or came to a CarePlan that FHIR does not allow.
// Run: node bin/node24.js tools/apply-content.ts <folder> [--quiet]
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Patient, PlanDefinition, Resource } from '@medplum/fhirtypes'
import { type Applicable, applyPlan, findFaults, Issues } from '../src/fhir/index.ts'
import { fromFhir } from '../src/pathways/index.ts'

const [folder = '.'] = process.argv.slice(2)
const quiet = process.argv.includes('--quiet')
const types = new Set(['PlanDefinition', 'ActivityDefinition', 'Questionnaire'])

const found: { file: string; resource: Applicable }[] = []
let unread = 0
const take = (file: string, value: unknown): void => {
  if (typeof value !== 'object' || value === null || !('resourceType' in value)) return
  if (value.resourceType === 'Bundle' && 'entry' in value && Array.isArray(value.entry))
    for (const entry of value.entry as { resource?: unknown }[]) take(file, entry.resource)
  else if (types.has(String(value.resourceType))) found.push({ file, resource: value as Applicable })
}
for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.json')) continue
  try {
    take(file, JSON.parse(readFileSync(join(folder, file), 'utf8')))
  } catch {
    unread += 1
  }
}

const patient: Patient & { id: string } = {
  resourceType: 'Patient',
  id: 'made-up',
  birthDate: '1980-05-17',
  gender: 'female',
  name: [{ family: 'Example', given: ['Ada'] }],
}
const byUrl = new Map<string, Applicable>()
for (const { resource } of found) {
  if (resource.url === undefined) continue
  byUrl.set(resource.url, resource)
  byUrl.set(`${resource.url}|${resource.version ?? ''}`, resource)
}
const resolve = async (canonical: string) => byUrl.get(canonical) ?? byUrl.get(canonical.replace(/\|.*$/, ''))

const counts = { applied: 0, partly: 0, 'not R4': 0, crashed: 0, unsound: 0 }
const codes = new Map<string, number>()
const imports = { draft: 0, refused: 0, crashed: 0 }
const bundle = { resourceType: 'Bundle', type: 'collection', entry: found.map(({ resource }) => ({ resource })) }

async function apply(plan: PlanDefinition): Promise<[keyof typeof counts, string]> {
  const faults = findFaults(plan)
  // As at the door: what is no FHIR R4 is refused with its faults, and not applied.
  if (faults.length > 0) return ['not R4', `${faults[0]?.path} ${faults[0]?.message}`]
  const issues = new Issues()
  try {
    const result: Resource = await applyPlan(plan, {
      subject: patient,
      variables: {},
      now: Date.UTC(2026, 0, 15),
      issues,
      resolve,
    })
    const wrong = findFaults(result)
    if (wrong.length > 0) return ['unsound', `${wrong[0]?.path} ${wrong[0]?.message}`]
    const told = issues.list.map(({ details }) => details?.coding?.[0]?.code ?? '')
    for (const code of told) codes.set(code, (codes.get(code) ?? 0) + 1)
    return told.length === 0 ? ['applied', ''] : ['partly', [...new Set(told)].join(', ')]
  } catch (error) {
    return ['crashed', error instanceof Error ? (error.stack ?? error.message) : String(error)]
  }
}

for (const { file, resource } of found) {
  if (resource.resourceType !== 'PlanDefinition') continue
  const [outcome, told] = await apply(resource)
  counts[outcome] += 1
  let read: keyof typeof imports = 'crashed'
  try {
    const { definition } = fromFhir(
      { ...bundle, entry: [{ resource }, ...bundle.entry.filter((one) => one.resource !== resource)] },
      { owner: 'lead', role: 'nurse' },
    )
    read = definition ? 'draft' : 'refused'
  } catch (error) {
    process.stderr.write(`${file}: ${error instanceof Error ? error.stack : String(error)}\n`)
  }
  imports[read] += 1
  if (!quiet) process.stdout.write(`${outcome.padEnd(8)} ${read.padEnd(7)} ${file} ${resource.id ?? ''} ${told}\n`)
}
const list = (counted: Iterable<[string, number]>) => [...counted].map(([name, n]) => `${n} ${name}`).join(', ')
process.stdout.write(`\n$apply: ${list(Object.entries(counts))}\n`)
process.stdout.write(`issues: ${list(codes)}\n`)
process.stdout.write(`as pathways: ${list(Object.entries(imports))}; files that are no JSON: ${unread}\n`)
process.exitCode = counts.crashed + counts.unsound + imports.crashed > 0 ? 1 : 0
