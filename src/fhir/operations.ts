import type { Tx } from '../db/index.ts'
import type { Audits, CallContext } from '../kernel/index.ts'
import type { Answer } from './answer.ts'
import { applyOperation } from './apply/apply-operation.ts'
import { refuse } from './errors.ts'
import { everything } from './everything.ts'
import { knownType, type RecordDeps } from './interact.ts'
import { lastN } from './last-n.ts'
import { addMeta, deleteMeta, readMeta } from './meta-operations.ts'
import { validateOperation } from './validate-operation.ts'

/** One call of an operation, over HTTP or as an entry of a bundle. */
export interface OperationCall {
  context: CallContext
  /** Absolute address of /fhir. */
  base: string
  type: string
  id: string | undefined
  query: URLSearchParams
  body: unknown
}

/** An operation of the record: its route, its line in the CapabilityStatement and what bundles run are made from this. */
export interface Operation {
  name: `$${string}`
  level: 'type' | 'instance'
  /** All types when not given. */
  types?: readonly string[]
  methods: readonly ('GET' | 'POST')[]
  /** Needs the right to write. */
  writes?: boolean
  summary: string
  audits: Audits
  /** Canonical address of its OperationDefinition. */
  definition: string
  run(deps: RecordDeps, tx: Tx, call: OperationCall): Promise<Answer>
}

const hl7 = (name: string) => `http://hl7.org/fhir/OperationDefinition/${name}`
const readers: readonly ('GET' | 'POST')[] = ['GET', 'POST']

export const operations: readonly Operation[] = [
  {
    name: '$everything',
    level: 'instance',
    types: ['Patient', 'Encounter'],
    methods: readers,
    summary: 'All that the record holds of a patient or an encounter',
    definition: hl7('Patient-everything'),
    audits: ['everything'],
    run: everything,
  },
  ...(['PlanDefinition', 'ActivityDefinition'] as const).flatMap((type) =>
    (['type', 'instance'] as const).map(
      (level): Operation => ({
        name: '$apply',
        level,
        types: [type],
        methods: readers,
        summary: 'What a definition asks for in the case of a subject; nothing is stored',
        definition: hl7(`${type}-apply`),
        audits: ['apply'],
        run: applyOperation,
      }),
    ),
  ),
  {
    name: '$lastn',
    level: 'type',
    types: ['Observation'],
    methods: readers,
    summary: 'The latest observations of each code',
    definition: hl7('Observation-lastn'),
    audits: ['lastn'],
    run: lastN,
  },
  {
    name: '$validate',
    level: 'type',
    methods: ['POST'],
    summary: 'Check a resource without storing it',
    definition: hl7('Resource-validate'),
    audits: ['validate'],
    run: validateOperation,
  },
  {
    name: '$validate',
    level: 'instance',
    methods: readers,
    summary: 'Check a stored resource, or what is to become of it',
    definition: hl7('Resource-validate'),
    audits: ['validate'],
    run: validateOperation,
  },
  {
    name: '$meta',
    level: 'instance',
    methods: readers,
    summary: 'Profiles, tags and security labels of a resource',
    definition: hl7('Resource-meta'),
    audits: ['read'],
    run: readMeta,
  },
  {
    name: '$meta-add',
    level: 'instance',
    methods: ['POST'],
    writes: true,
    summary: 'Add profiles, tags and security labels',
    definition: hl7('Resource-meta-add'),
    audits: ['update'],
    run: addMeta,
  },
  {
    name: '$meta-delete',
    level: 'instance',
    methods: ['POST'],
    writes: true,
    summary: 'Take away profiles, tags and security labels',
    definition: hl7('Resource-meta-delete'),
    audits: ['update'],
    run: deleteMeta,
  },
]

/** The operations that a type has. */
export const operationsOf = (type: string): readonly Operation[] =>
  operations.filter(({ types }) => types === undefined || types.includes(type))

/** Runs an operation by its name; refused when there is none of that name at this level. */
export async function runOperation(
  deps: RecordDeps,
  tx: Tx,
  call: OperationCall,
  name: string,
  method: 'GET' | 'POST',
): Promise<Answer> {
  const level = call.id === undefined ? 'type' : 'instance'
  const found = operationsOf(call.type).find(
    (one) => one.name === name && one.level === level && one.methods.includes(method),
  )
  if (!found || call.type === '')
    throw refuse('operation-unknown', { faults: [{ path: 'url', message: `has no operation ${name} here` }] })
  knownType(call.type)
  return found.run(deps, tx, call)
}
