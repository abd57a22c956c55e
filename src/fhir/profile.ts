import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes'
import { type Constraint, foreignConstraint } from '../expressions/index.ts'
import { refuse } from './errors.ts'
import { allInvariants } from './invariants.ts'

/** One element of a profile with what it demands, and the elements and slices below it. */
export interface ProfileNode {
  /** Element name as the snapshot has it: `value[x]` keeps its mark. */
  name: string
  slice: string | undefined
  element: ElementDefinition
  min: number
  max: number
  fixed: unknown
  pattern: unknown
  constraints: readonly { key: string; severity: 'error' | 'warning'; human: string; met: Constraint | undefined }[]
  children: Map<string, ProfileNode>
  slices: ProfileNode[]
}

export interface Profile {
  url: string
  type: string
  root: ProfileNode
  /** Canonical addresses of the profiles that its elements must keep to, and of the value sets they are bound to. */
  needs: { profiles: readonly string[]; valueSets: readonly string[] }
}

/** Without the version after the bar. */
export const bare = (canonical: string): string => canonical.replace(/\|.*$/, '')

// The base rules check these already, or our FHIRPath cannot tell them (see tools/generate-invariants.ts).
const base = new Set(['ele-1', 'ext-1', 'dom-3', 'dom-6', 'ref-1', 'txt-1', 'txt-2', 'ctm-1'])
for (const { text } of allInvariants()) base.add(text.split(' ')[0] ?? '')

function valueOf(element: ElementDefinition, kind: 'fixed' | 'pattern'): unknown {
  const found = Object.entries(element).find(
    ([name]) => name.startsWith(kind) && /^[A-Z]/.test(name.slice(kind.length)),
  )
  return found?.[1]
}

function compileNode(element: ElementDefinition, name: string, slice: string | undefined): ProfileNode {
  return {
    name,
    slice,
    element,
    min: element.min ?? 0,
    max: element.max === undefined || element.max === '*' ? Number.POSITIVE_INFINITY : Number(element.max),
    fixed: valueOf(element, 'fixed'),
    pattern: valueOf(element, 'pattern'),
    constraints: (element.constraint ?? []).flatMap(({ key, severity, human, expression }) =>
      expression === undefined || base.has(key)
        ? []
        : [{ key, severity: severity === 'warning' ? 'warning' : 'error', human, met: foreignConstraint(expression) }],
    ),
    children: new Map(),
    slices: [],
  }
}

/** The node at a snapshot's element id (`Observation.category:VSCat.coding.code`), made where the id points. */
function place(root: ProfileNode, element: ElementDefinition): void {
  const parts = (element.id ?? element.path).split('.').slice(1)
  let node = root
  for (const [index, part] of parts.entries()) {
    const [name = '', slice] = part.split(/:(.*)/s)
    const last = index === parts.length - 1
    let next = node.children.get(name)
    if (!next) {
      next = compileNode(last && slice === undefined ? element : { path: element.path }, name, undefined)
      node.children.set(name, next)
    }
    if (slice !== undefined) {
      let found = next.slices.find((one) => one.slice === slice)
      if (!found) {
        found = compileNode(last ? element : { path: element.path }, name, slice)
        next.slices.push(found)
      }
      next = found
    }
    node = next
  }
}

/** Reads a StructureDefinition's snapshot. Refused without one: making snapshots is the publisher's work. */
export function compileProfile(definition: StructureDefinition): Profile {
  const elements = definition.snapshot?.element ?? []
  const [first, ...rest] = elements
  if (!first)
    throw refuse('profile-unknown', { faults: [{ path: 'profile', message: `${definition.url} has no snapshot` }] })
  const root = compileNode(first, definition.type ?? '', undefined)
  for (const element of rest) place(root, element)
  const profiles = elements.flatMap(({ type = [] }) => type.flatMap(({ profile = [] }) => profile.map(bare)))
  const valueSets = elements.flatMap(({ binding }) =>
    binding?.strength === 'required' && binding.valueSet ? [bare(binding.valueSet)] : [],
  )
  return {
    url: definition.url ?? '',
    type: definition.type ?? '',
    root,
    needs: { profiles: [...new Set(profiles)], valueSets: [...new Set(valueSets)] },
  }
}
