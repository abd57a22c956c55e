import type { Finding, ServiceDefinition } from '../../contracts/index.ts'
import { codeFault } from './codes.ts'
import { eligibilityFault } from './eligibility.ts'

/** What there is for a service to name. */
export interface Around {
  kinds: readonly string[]
  jurisdictions: readonly string[]
  pathways: readonly string[]
  /** Canonicals, with and without their version. */
  forms: readonly string[]
  /** Ids of Locations. */
  places: readonly string[]
  /** Whether the law lets anybody at all do a kind of task in a place today. */
  anybodyMay(kind: string, jurisdiction: string): boolean
}

/** Faults of a service in the right shape: what it names and is not there, codes that cannot be, rules that do not compile. */
export function checkService(service: ServiceDefinition, around: Around): Finding[] {
  const found: Finding[] = []
  const add = (code: string, path: (string | number)[], message: string, severity: Finding['severity'] = 'error') =>
    found.push({ code, severity, path: path.join('.'), message })
  const names = (list: readonly string[], known: readonly string[], path: string, what: string) => {
    for (const [index, one] of list.entries()) {
      if (!known.includes(one)) add(`unknown-${what}`, [path, index], `there is no ${what} ${one}`)
      if (list.indexOf(one) !== index) add('twice', [path, index], `${one} is there twice`)
    }
  }
  names(service.in, around.jurisdictions, 'in', 'jurisdiction')
  names(service.pathways, around.pathways, 'pathways', 'pathway')
  names(service.forms, around.forms, 'forms', 'form')
  names(service.places, around.places, 'places', 'place')
  for (const [index, { kind }] of service.needs.entries()) {
    if (!around.kinds.includes(kind)) add('unknown-kind', ['needs', index, 'kind'], `there is no kind ${kind}`)
    else
      for (const where of service.in)
        if (around.jurisdictions.includes(where) && !around.anybodyMay(kind, where))
          add('nobody-may', ['needs', index, 'kind'], `nobody may do ${kind} in ${where}`, 'warning')
  }
  const coded = { codes: service.codes, fees: service.fees }
  for (const [list, codes] of Object.entries(coded))
    for (const [index, { system, code }] of codes.entries()) {
      const fault = codeFault(system, code)
      if (fault !== undefined) add('code-invalid', [list, index, 'code'], fault)
      if (codes.findIndex((one) => one.system === system && one.code === code) !== index)
        add('twice', [list, index], `${code} is there twice`)
    }
  for (const [index, { in: where = [] }] of service.fees.entries())
    for (const [at, one] of where.entries())
      if (!service.in.includes(one))
        add('not-offered-there', ['fees', index, 'in', at], `the service is not offered in ${one}`)
  if (service.eligibility !== undefined) {
    const fault = eligibilityFault(service.eligibility)
    if (fault) add('expression', ['eligibility'], fault.message)
  }
  if (service.modes.includes('in-person') && service.places.length === 0)
    add('no-place', ['places'], 'is given in person, and names no place', 'warning')
  return found
}
