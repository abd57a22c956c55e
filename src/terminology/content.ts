import type { ValueSet } from '@medplum/fhirtypes'

/** A designation: `use` is a code of its system, or a word of ours (`preferred`, `fsn`, `synonym`, `short`, `medium`, `consumer`). */
export interface Designation {
  language?: string
  use?: string
  value: string
}

export interface PropertyValue {
  code: string
  value: string
  /** As in FHIR's $lookup; `code` unless told. */
  type?: 'string' | 'boolean' | 'integer' | 'dateTime' | 'decimal'
}

export interface ConceptContent {
  code: string
  display: string
  /** True unless told. */
  active?: boolean
  abstract?: boolean
  definition?: string
  designations?: Designation[]
  properties?: PropertyValue[]
  /** Codes directly above. One that does not exist is passed over. */
  parents?: string[]
}

export interface MapEntry {
  sourceSystem: string
  sourceCode: string
  targetSystem: string
  /** Empty: said to have none. */
  targetCode: string
  display?: string
  equivalence: string
  comment?: string
}

export interface MapContent {
  url: string
  version: string
  title: string
  source?: string
  target?: string
  entries: MapEntry[]
}

/** A code system as its owner's files tell it, with the value sets and maps that come in the same files. */
export interface SystemContent {
  url: string
  version: string
  title: string
  content: 'complete' | 'fragment' | 'example'
  concepts: ConceptContent[]
  /** `rank`: numbered by length of display, for pickers; `as-defined`: in the order given. */
  order: 'rank' | 'as-defined'
  valueSets?: ValueSet[]
  maps?: MapContent[]
}

export type LoadKind = 'icd-10-cm' | 'loinc' | 'rxnorm' | 'snomed-ct' | 'cpt'
