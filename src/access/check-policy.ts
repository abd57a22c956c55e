import type { Policy, Rule } from './policy.ts'

/** Something wrong or doubtful in a policy. Line and column are 1-based. */
export interface PolicyFinding {
  code: string
  severity: 'error' | 'warning'
  path: string
  line: number | undefined
  column: number | undefined
  message: string
}

/** What answers name that no policy writes down. */
const houseRules = new Set(['consent', 'consent-silent', 'break-glass', 'smart-scope', 'facts-missing', 'no-rule'])

type Locate = (path: readonly (string | number)[]) => { line: number; column: number } | undefined

/** What the shape alone cannot tell: names that do not exist, rules that can never hold, and what they leave open. */
export function checkPolicy(policy: Policy, roles: readonly string[], locate: Locate): PolicyFinding[] {
  const findings: PolicyFinding[] = []
  const find = (severity: PolicyFinding['severity'], code: string, path: (string | number)[], message: string) => {
    const at = locate(path)
    findings.push({ code, severity, path: path.join('.'), line: at?.line, column: at?.column, message })
  }
  const checkRoles = (named: readonly string[] | undefined, path: (string | number)[]) => {
    for (const [index, role] of (named ?? []).entries())
      if (!roles.includes(role)) find('error', 'unknown-role', [...path, index], `there is no role ${role}`)
  }
  checkRoles(Object.keys(policy.purpose.roles ?? {}), ['purpose', 'roles'])
  checkRoles(policy['break-glass'].roles, ['break-glass', 'roles'])
  checkRoles([policy['break-glass'].supervisor], ['break-glass', 'supervisor'])
  const seen = new Map<string, number>()
  for (const [index, rule] of policy.rules.entries()) {
    const path = ['rules', index]
    if (seen.has(rule.rule)) find('error', 'rule-twice', [...path, 'rule'], `another rule is called ${rule.rule}`)
    seen.set(rule.rule, index)
    if (houseRules.has(rule.rule))
      find('error', 'rule-reserved', [...path, 'rule'], `${rule.rule} is a rule of the house`)
    checkRoles(rule.roles, [...path, 'roles'])
    if (rule.effect === 'deny') checkRoles(rule.unless?.roles, [...path, 'unless', 'roles'])
    if (rule.effect === 'hide') checkElements(rule, path, find)
    if (rule.effect === 'deny' && closesAll(rule))
      find('warning', 'denies-all', path, 'this closes everything to everybody it is about; no rule can open it again')
  }
  if (!policy.rules.some((rule) => rule.effect === 'permit'))
    find('warning', 'permits-nothing', ['rules'], 'no rule permits anything, and what no rule permits is refused')
  const labels = new Set(policy.labels.map(({ label }) => label))
  const guarded = new Set(policy.rules.flatMap((rule) => (rule.effect === 'deny' ? (rule.labels ?? []) : [])))
  for (const label of labels)
    if (!guarded.has(label))
      find('warning', 'label-unused', ['labels'], `no rule closes anything that is labelled ${label}`)
  return findings
}

function checkElements(
  rule: Extract<Rule, { effect: 'hide' }>,
  path: (string | number)[],
  find: (severity: 'error' | 'warning', code: string, path: (string | number)[], message: string) => void,
): void {
  for (const [index, element] of rule.elements.entries()) {
    const [, first = ''] = element.split('.')
    // Without these a resource is none, or could not be read, written and followed any more.
    if (['id', 'resourceType', 'meta', 'subject', 'patient'].includes(first))
      find(
        'error',
        'element-needed',
        [...path, 'elements', index],
        `${element} cannot be hidden; deny the type instead`,
      )
    const [type = ''] = element.split('.')
    if (rule.types && !rule.types.includes(type))
      find('error', 'element-elsewhere', [...path, 'elements', index], `${type} is not among the rule's types`)
  }
}

const closesAll = (rule: Extract<Rule, { effect: 'deny' }>): boolean =>
  !rule.labels && !rule.relations && !rule.unless && !rule.types && !rule.interactions && !rule.purposes && !rule.roles
