import {
  createCel,
  type FhirPathValue,
  fhirPathCondition,
  fhirPathValue,
  type TypeTable,
  type VariableType,
  type VariableValue,
} from '../../expressions/index.ts'
import { type Finding, readYaml } from '../../pathways/index.ts'
import { type AutomationDefinition, definitionSchema, type InputSpec } from './definition.ts'

export type Values = Readonly<Record<string, VariableValue>>

/** What an automation makes of a case. `rule` is the path in its definition that gave it; `score` a model's chance. */
export interface Output {
  gives: string
  /** 0 to 1. */
  confidence: number
  rule: string
  score?: number
}

/** Why an automation has no answer for a case. */
export type Silence = 'input-missing' | 'excluded' | 'no-rule-holds' | 'no-endpoint'

export interface CompiledInput {
  name: string
  spec: InputSpec
  /** Of an input that is read from a resource. */
  value: FhirPathValue['run'] | undefined
  /** Of a count. */
  holds: ((resource: Parameters<FhirPathValue['run']>[0]) => boolean) | undefined
}

export interface CompiledAutomation {
  definition: AutomationDefinition
  version: number
  inputs: readonly CompiledInput[]
  place: Readonly<Partial<Record<'site' | 'department' | 'group', FhirPathValue['run']>>>
  /** Whether it happened, once that is known; of what began the journey. Only of an automation that learns. */
  outcome: ((resource: Parameters<FhirPathValue['run']>[0]) => boolean | undefined) | undefined
  /** Pure: the same values give the same answer. One that asks a text model has no answer here, but may have a reason not to ask. */
  answer(values: Values): Output | { silence: Silence }
}

type Found = (path: (string | number)[], message: string) => void

/** Reads and checks an automation's YAML. Without a finding it may be published. */
export function readAutomation(
  source: string,
  version: number,
  around: { table: TypeTable; roles: readonly string[] },
): { automation: CompiledAutomation | undefined; findings: Finding[] } {
  const read = readYaml(source)
  const findings: Finding[] = read.faults.map((fault) => ({ code: 'unreadable', severity: 'error', ...fault }))
  const found: Found = (path, message) => {
    const where = read.locate(path)
    findings.push({
      code: 'automation-invalid',
      severity: 'error',
      path: path.join('.'),
      line: where?.line,
      column: where?.column,
      message,
    })
  }
  if (findings.length > 0) return { automation: undefined, findings }
  const parsed = definitionSchema.safeParse(read.content)
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      found(
        issue.path.map((part) => (typeof part === 'number' ? part : String(part))),
        issue.message,
      )
    return { automation: undefined, findings }
  }
  const automation = compileAutomation(parsed.data, version, around.table, found)
  const { data } = parsed
  for (const [path, role] of [
    [['owner'], data.owner],
    [['clinical-owner'], data['clinical-owner']],
    [['fallback', 'role'], data.fallback.role],
  ] as const)
    if (!around.roles.includes(role)) found([...path], `there is no role ${role}`)
  return { automation: findings.length === 0 ? automation : undefined, findings }
}

/** Compiles a definition whose shape has been parsed; what is wrong in it is told through `found`. */
export function compileAutomation(
  definition: AutomationDefinition,
  version: number,
  table: TypeTable,
  found: Found = () => {},
): CompiledAutomation {
  const inputs = Object.entries(definition.inputs).map(([name, spec]) => compileInput(name, spec, table, found))
  const types: Record<string, VariableType> = Object.fromEntries(
    Object.entries(definition.inputs).map(([name, { type }]) => [name, type]),
  )
  const cel = createCel(types)
  const condition = (source: string, path: (string | number)[]) => {
    const compiled = cel.condition(source)
    if (compiled.ok) return compiled.run
    found(path, compiled.message)
    return () => false
  }
  const known = new Set(definition.answers.map(({ code }) => code))
  const gives = (code: string, path: (string | number)[]) => {
    if (!known.has(code)) found(path, `${code} is not one of the answers`)
  }
  for (const [index, code] of definition.bounds.entries()) gives(code, ['bounds', index])
  if (definition.fallback.answer !== undefined) gives(definition.fallback.answer, ['fallback', 'answer'])
  const excluded = definition.exclusions.map(({ when }, index) => condition(when, ['exclusions', index, 'when']))
  const required = Object.entries(definition.inputs)
    .filter(([, spec]) => spec.required)
    .map(([name]) => name)
  const think = thinkerOf(definition, { types, condition, gives, found })
  return {
    definition,
    version,
    inputs,
    place: compilePlace(definition, table, found),
    outcome: compileOutcome(definition, table, { gives, found }),
    answer(values) {
      if (required.some((name) => values[name] === null || values[name] === undefined))
        return { silence: 'input-missing' }
      if (excluded.some((holds) => holds(values))) return { silence: 'excluded' }
      return think(values) ?? { silence: 'no-rule-holds' }
    },
  }
}

interface Tools {
  types: Readonly<Record<string, VariableType>>
  condition(source: string, path: (string | number)[]): (values: Values) => boolean
  gives(code: string, path: (string | number)[]): void
  found: Found
}

function thinkerOf(definition: AutomationDefinition, tools: Tools): (values: Values) => Output | undefined {
  const { rules, table, model } = definition
  if (rules) {
    const list = rules.rules.map((rule, index) => {
      tools.gives(rule.gives, ['rules', 'rules', index, 'gives'])
      return { ...rule, holds: tools.condition(rule.when, ['rules', 'rules', index, 'when']), rule: `rules.${index}` }
    })
    const { otherwise } = rules
    if (otherwise) tools.gives(otherwise.gives, ['rules', 'otherwise', 'gives'])
    return (values) => {
      const first = list.find(({ holds }) => holds(values))
      if (first) return { gives: first.gives, confidence: first.confidence, rule: first.rule }
      return otherwise && { ...otherwise, rule: 'otherwise' }
    }
  }
  if (table) return tableThinker(table, tools)
  return model ? modelThinker(model, tools) : () => undefined
}

const comparison = /^\s*(?:==|!=|<=?|>=?|in\b)/

function tableThinker(table: NonNullable<AutomationDefinition['table']>, tools: Tools) {
  for (const [index, column] of table.columns.entries())
    if (!(column in tools.types)) tools.found(['table', 'columns', index], `there is no input ${column}`)
  const rows = table.rows.map((row, index) => {
    const path = ['table', 'rows', index]
    tools.gives(row.gives, [...path, 'gives'])
    if (row.if.length !== table.columns.length)
      tools.found([...path, 'if'], `has ${row.if.length} cells; there are ${table.columns.length} columns`)
    const parts = row.if.flatMap((value, place) => {
      const column = table.columns[place]
      if (value === null || column === undefined) return []
      if (typeof value === 'string' && comparison.test(value)) return [`(${column} ${value})`]
      const literal =
        tools.types[column] === 'double' && typeof value === 'number' ? `double(${value})` : JSON.stringify(value)
      return [`(${column} == ${literal})`]
    })
    return {
      ...row,
      rule: `table.${index}`,
      holds: parts.length === 0 ? () => true : tools.condition(parts.join(' && '), [...path, 'if']),
    }
  })
  return (values: Values): Output | undefined => {
    const first = rows.find(({ holds }) => holds(values))
    return first && { gives: first.gives, confidence: first.confidence, rule: first.rule }
  }
}

function modelThinker(model: NonNullable<AutomationDefinition['model']>, tools: Tools) {
  for (const name of Object.keys(model.weights)) {
    if (!(name in tools.types)) tools.found(['model', 'weights', name], `there is no input ${name}`)
    if (tools.types[name] === 'string') tools.found(['model', 'weights', name], `${name} is text, which has no number`)
  }
  const bands = model.bands.toSorted((a, b) => b.from - a.from)
  for (const [index, band] of model.bands.entries()) tools.gives(band.gives, ['model', 'bands', index, 'gives'])
  if (bands.at(-1)?.from !== 0) tools.found(['model', 'bands'], 'the lowest band must begin at 0')
  const terms = Object.entries(model.weights)
  return (values: Values): Output | undefined => {
    const sum = terms.reduce(
      (total, [name, { weight, mean, scale }]) => total + (weight * (Number(values[name] ?? mean) - mean)) / scale,
      model.intercept,
    )
    const score = 1 / (1 + Math.exp(-sum))
    const index = bands.findIndex(({ from }) => score >= from)
    const band = bands[index]
    return band && { gives: band.gives, confidence: Math.max(score, 1 - score), rule: `model.${band.gives}`, score }
  }
}

function compileInput(name: string, spec: InputSpec, table: TypeTable, found: Found): CompiledInput {
  if ('variable' in spec) return { name, spec, value: undefined, holds: undefined }
  if ('count' in spec) {
    const compiled = fhirPathCondition(spec.where, spec.count, [], table)
    if (!compiled.ok) found(['inputs', name, 'where'], compiled.message)
    return { name, spec, value: undefined, holds: compiled.ok ? (resource) => compiled.run(resource, {}) : () => false }
  }
  const compiled = fhirPathValue(spec.path, spec.on, [], table)
  if (!compiled.ok) found(['inputs', name, 'path'], compiled.message)
  return { name, spec, value: compiled.ok ? compiled.run : () => null, holds: undefined }
}

function compileOutcome(
  { learns }: AutomationDefinition,
  table: TypeTable,
  { gives, found }: Pick<Tools, 'gives' | 'found'>,
): CompiledAutomation['outcome'] {
  if (!learns) return undefined
  for (const name of ['gives', 'otherwise'] as const) gives(learns[name], ['learns', name])
  const [settled, happened] = (['settled', 'happened'] as const).map((name) => {
    const compiled = fhirPathCondition(learns[name], learns.on, [], table)
    if (compiled.ok) return compiled.run
    found(['learns', name], compiled.message)
    return () => false
  })
  return (resource) =>
    resource.resourceType === learns.on && settled?.(resource, {}) ? happened?.(resource, {}) === true : undefined
}

function compilePlace({ place }: AutomationDefinition, table: TypeTable, found: Found): CompiledAutomation['place'] {
  if (!place) return {}
  const compiled: Partial<Record<'site' | 'department' | 'group', FhirPathValue['run']>> = {}
  for (const name of ['site', 'department', 'group'] as const) {
    const path = place[name]
    if (path === undefined) continue
    const value = fhirPathValue(path, place.on, [], table)
    if (value.ok) compiled[name] = value.run
    else found(['place', name], value.message)
  }
  return compiled
}
