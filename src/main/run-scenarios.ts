import { parseArgs } from 'node:util'
import { checkSource, compile, runScenarios, scenariosOf } from '../pathways/index.ts'
import { readAutomation } from '../release/index.ts'
import { loadLibrary } from './load-library.ts'

const usage = `throughline scenarios <folder> [--coverage told|required]
  plays the scenarios of a folder laid out as the library: pathways/ and catalogue/, scenarios/, automations/, templates/, forms/,
  roles.yaml, calendar.yaml. Ends with 1 when a pathway has an error, a scenario fails, or with --coverage required a
  step or branch is left out.
`

/** `throughline scenarios …`: needs no database; for whoever keeps pathways in a repository of their own. */
export async function runScenariosOf(args: readonly string[], write: (text: string) => void): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { coverage: { type: 'string', default: 'told' } },
  })
  const [folder] = positionals
  if (folder === undefined || !['told', 'required'].includes(values.coverage)) {
    write(usage)
    return 2
  }
  const { library, surroundings: read } = await loadLibrary(folder)
  const entries = [...library.pathways, ...library.catalogue]
  if (entries.length === 0) {
    write(`${folder} has no pathways/ or catalogue/ with a pathway in it\n`)
    return 1
  }
  let bad = 0
  const automations: string[] = []
  for (const { file, source } of library.automations) {
    const { automation, findings } = readAutomation(source, 1, read)
    for (const { line, column, code, message } of findings)
      write(`✗ ${file}:${line ?? 1}:${column ?? 1} ${message} (${code})\n`)
    bad += findings.length
    if (automation) automations.push(automation.definition.automation)
  }
  const surroundings = { ...read, automations }
  const known = new Set<string>()
  for (const { file, source } of entries) {
    const { definition, findings } = checkSource(source, surroundings)
    const errors = findings.filter(({ severity }) => severity === 'error')
    for (const { line, column, code, message } of errors)
      write(`✗ ${file}:${line ?? 1}:${column ?? 1} ${message} (${code})\n`)
    bad += errors.length
    if (!definition || errors.length > 0) continue
    known.add(definition.pathway)
    const { pathway } = compile(definition, 1, surroundings.table)
    const report = runScenarios(pathway, scenariosOf(library, definition.pathway), library.calendar)
    const passed = report.results.filter(({ ok }) => ok).length
    const covered = report.branches.length - report.missing.length
    write(
      `${report.ok ? '✓' : '✗'} ${definition.pathway}: ${passed} of ${report.results.length} scenarios pass, ${covered} of ${report.branches.length} steps and branches are gone through\n`,
    )
    for (const { name, findings: wrong, failures } of report.results) {
      for (const { path, line, message } of wrong) write(`    ${name}, line ${line ?? 1}: ${message} (${path})\n`)
      for (const { line, path, expected, found } of failures)
        write(
          `    ${name}, entry ${line}: ${path} should be ${JSON.stringify(expected)} and is ${JSON.stringify(found) ?? 'nothing'}\n`,
        )
    }
    if (report.missing.length > 0) write(`    left out: ${report.missing.join(', ')}\n`)
    bad += report.results.length - passed + (values.coverage === 'required' ? report.missing.length : 0)
  }
  const played = new Set([...known].flatMap((id) => scenariosOf(library, id).map(({ name }) => `${name}.yaml`)))
  for (const { file } of library.scenarios)
    if (!played.has(file.replace(/^.*\//, ''))) {
      write(`✗ ${file} is about none of these pathways\n`)
      bad += 1
    }
  return bad > 0 ? 1 : 0
}
