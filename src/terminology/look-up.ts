import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { refuse } from './errors.ts'
import { detailOf, displayIn, findConcepts, type LoadedSystem } from './systems.ts'

/** Children that one answer names; a concept may have thousands. */
const mostChildren = 500

/** `$lookup` (http://hl7.org/fhir/R4/codesystem-operation-lookup.html). `properties`: only these, when any is named. */
export async function lookUp(
  tx: Tx,
  system: LoadedSystem,
  code: string,
  { language, properties }: { language: string | undefined; properties: readonly string[] },
): Promise<Parameters> {
  const concept = (await findConcepts(tx, system.id, [code])).get(code)
  if (!concept)
    throw refuse('code-unknown', { faults: [{ path: 'code', message: `${system.url} has no code ${code}` }] })
  const detail = detailOf(concept)
  const near = await tx.query<{ code: string; display: string; up: boolean }>({
    text: `select c.code, c.display, n.up from (
             select ancestor as ord, true as up from term_ancestor where tenant_id = $1 and system = $2 and descendant = $3 and direct
             union all
             (select descendant, false from term_ancestor where tenant_id = $1 and system = $2 and ancestor = $3 and direct limit $4)) n
           join term_concept c on c.tenant_id = $1 and c.system = $2 and c.ord = n.ord order by c.ord`,
    values: [tx.tenant, system.id, concept.ord, mostChildren],
  })
  const asked = (name: string) => properties.length === 0 || properties.includes('*') || properties.includes(name)
  const property = (
    code: string,
    value: Omit<ParametersParameter, 'name'>,
    description?: string,
  ): ParametersParameter => ({
    name: 'property',
    part: [
      { name: 'code', valueCode: code },
      { ...value, name: 'value' },
      ...(description === undefined ? [] : [{ name: 'description', valueString: description }]),
    ],
  })
  const parameter: ParametersParameter[] = [
    { name: 'name', valueString: system.title },
    ...(system.version === '' ? [] : [{ name: 'version', valueString: system.version }]),
    { name: 'display', valueString: displayIn(concept, language) },
    ...(detail.definition === undefined || !asked('definition')
      ? []
      : [{ name: 'definition', valueString: detail.definition }]),
    ...(asked('designation') ? (detail.designations ?? []) : []).map((one) => ({
      name: 'designation',
      part: [
        ...(one.language === undefined ? [] : [{ name: 'language', valueCode: one.language }]),
        ...(one.use === undefined ? [] : [{ name: 'use', valueCoding: { code: one.use } }]),
        { name: 'value', valueString: one.value },
      ],
    })),
    ...(asked('inactive') ? [property('inactive', { valueBoolean: !concept.active })] : []),
    ...(asked('abstract') && concept.abstract ? [property('abstract', { valueBoolean: true })] : []),
    ...near
      .filter(({ up }) => asked(up ? 'parent' : 'child'))
      .map((one) => property(one.up ? 'parent' : 'child', { valueCode: one.code }, one.display)),
    ...(detail.properties ?? [])
      .filter((one) => asked(one.code))
      .map((one) => property(one.code, typed(one.type, one.value))),
  ]
  return { resourceType: 'Parameters', parameter }
}

function typed(type: string | undefined, value: string): Omit<ParametersParameter, 'name'> {
  switch (type) {
    case 'string':
      return { valueString: value }
    case 'boolean':
      return { valueBoolean: value === 'true' }
    case 'integer':
      return { valueInteger: Number(value) }
    case 'decimal':
      return { valueDecimal: Number(value) }
    case 'dateTime':
      return { valueDateTime: value }
    default:
      return { valueCode: value }
  }
}

/** `$subsumes` (http://hl7.org/fhir/R4/codesystem-operation-subsumes.html). */
export async function subsumes(
  tx: Tx,
  system: LoadedSystem,
  codeA: string,
  codeB: string,
): Promise<'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed'> {
  const found = await findConcepts(tx, system.id, [codeA, codeB])
  for (const [path, code] of [
    ['codeA', codeA],
    ['codeB', codeB],
  ] as const)
    if (!found.has(code))
      throw refuse('code-unknown', { faults: [{ path, message: `${system.url} has no code ${code}` }] })
  const a = found.get(codeA)?.ord
  const b = found.get(codeB)?.ord
  if (a === b) return 'equivalent'
  const [pair] = await tx.query<{ ancestor: number }>({
    text: `select ancestor from term_ancestor where tenant_id = $1 and system = $2
             and ((ancestor = $3 and descendant = $4) or (ancestor = $4 and descendant = $3)) limit 1`,
    values: [tx.tenant, system.id, a, b],
  })
  return pair === undefined ? 'not-subsumed' : pair.ancestor === a ? 'subsumes' : 'subsumed-by'
}
