import type { codeSystems, feeSystems } from '../../contracts/index.ts'

type System = (typeof codeSystems)[number] | (typeof feeSystems)[number]

/** The systems of codes as FHIR names them (http://hl7.org/fhir/R4/terminologies-systems.html); fee schedules of provinces have no name there. */
export const systemUri: Readonly<Record<System, string>> = {
  'icd-10-cm': 'http://hl7.org/fhir/sid/icd-10-cm',
  'icd-10': 'http://hl7.org/fhir/sid/icd-10',
  snomed: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  cpt: 'http://www.ama-assn.org/go/cpt',
  hcpcs: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  'fee-schedule': 'urn:throughline:fee-schedule',
}

const shapes: Readonly<Record<System, readonly [shape: RegExp, example: string]>> = {
  'icd-10-cm': [/^[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?$/, 'E11.9'],
  'icd-10': [/^[A-Z]\d\d(?:\.\d{1,2})?$/, 'E11.9'],
  snomed: [/^\d{6,18}$/, '44054006'],
  loinc: [/^\d{1,7}-\d$/, '4548-4'],
  rxnorm: [/^\d{1,8}$/, '6809'],
  cpt: [/^\d{4}[0-9FTUM]$/, '99213'],
  hcpcs: [/^[A-V]\d{4}$/, 'G0506'],
  'fee-schedule': [/^[A-Z0-9]{1,8}$/, 'A007'],
}

/** What is wrong with the form of a code; undefined when nothing is. Whether it exists is the terminology's to know. */
export function codeFault(system: System, code: string): string | undefined {
  const [shape, example] = shapes[system]
  if (!shape.test(code)) return `a code such as ${example}`
  if (system === 'loinc' && !loincDigit(code)) return 'its check digit is another: a figure is wrong'
  if (system === 'snomed' && !verhoeff(code)) return 'its check digit is another: a figure is wrong'
  return undefined
}

/** The check digit after the dash: modulus 10 over the figures before it (LOINC Users' Guide, appendix on the check digit). */
function loincDigit(code: string): boolean {
  const [figures = '', digit] = code.split('-')
  let sum = 0
  for (const [index, figure] of figures.split('').toReversed().entries()) {
    const twice = Number(figure) * (index % 2 === 0 ? 2 : 1)
    sum += Math.floor(twice / 10) + (twice % 10)
  }
  return String((10 - (sum % 10)) % 10) === digit
}

const times = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
  [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
  [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
  [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
  [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
  [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
  [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
  [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
  [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]
const turns = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
  [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
  [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
  [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
  [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
  [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
  [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
]

/** The dihedral check of SNOMED CT identifiers (SNOMED CT Release File Specification, check-digit computation). */
const verhoeff = (code: string): boolean =>
  code
    .split('')
    .toReversed()
    .reduce((sum, figure, index) => times[sum]?.[turns[index % 8]?.[Number(figure)] ?? 0] ?? 0, 0) === 0
