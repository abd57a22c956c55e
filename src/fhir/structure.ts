import generated from './generated/structure.json' with { type: 'json' }

/** One element of a type: its FHIR type (`Patient.contact` for a part), cardinality, listed codes, choice group. */
export interface ElementRule {
  type: string
  min: number
  many: boolean
  codes: ReadonlySet<string> | undefined
  choice: string | undefined
  /** Stands in summaries. */
  summary: boolean
}

export interface TypeRule {
  elements: ReadonlyMap<string, ElementRule>
  /** Elements and choice groups that must be there. */
  required: readonly { name: string; choices: readonly string[] }[]
  choices: ReadonlyMap<string, readonly string[]>
}

const types: Record<string, Record<string, string> | undefined> = generated.types
const codeLists: Record<string, string | undefined> = generated.codes
const resources: ReadonlySet<string> = new Set(generated.resources)
const rules = new Map<string, TypeRule>()
const codeSets = new Map<string, ReadonlySet<string>>()

/** All resource types of FHIR R4. */
export const resourceTypes: readonly string[] = generated.resources
export const isResourceType = (type: string): boolean => resources.has(type)

/** Types that the record keeps: all but what the audit room writes and answers for by itself. */
export const isKeptType = (type: string): boolean => type !== 'AuditEvent' && resources.has(type)

function codesOf(name: string): ReadonlySet<string> {
  let set = codeSets.get(name)
  if (!set) {
    set = new Set((codeLists[name] ?? '').split(' '))
    codeSets.set(name, set)
  }
  return set
}

/** The rule of a resource, data type or part; undefined for primitives. Read when first needed. */
export function typeRule(type: string): TypeRule | undefined {
  const known = rules.get(type)
  if (known) return known
  const table = types[type]
  if (!table) return undefined
  const elements = new Map<string, ElementRule>()
  const choices = new Map<string, string[]>()
  const needed = new Map<string, string[]>()
  for (const [name, text] of Object.entries(table)) {
    const [end = '', min = '0', max = '1', ...marks] = text.split(' ')
    const codes = marks.find((mark) => mark.startsWith('#'))
    const choice = marks.find((mark) => mark.startsWith('~'))?.slice(1)
    elements.set(name, {
      type: end,
      min: Number(min),
      many: max !== '1' && max !== '0',
      codes: codes === undefined ? undefined : codesOf(codes.slice(1)),
      choice,
      summary: marks.includes('+'),
    })
    if (choice !== undefined) choices.set(choice, [...(choices.get(choice) ?? []), name])
    const group = choice === undefined ? name : `${choice}[x]`
    if (min !== '0') needed.set(group, [...(needed.get(group) ?? []), name])
  }
  const rule = { elements, choices, required: [...needed].map(([name, names]) => ({ name, choices: names })) }
  rules.set(type, rule)
  return rule
}
