import type { ValueSet, ValueSetExpansionContains, ValueSetExpansionParameter } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { type CallContext, newId } from '../kernel/index.ts'
import { type CompiledPart, compileValueSet } from './compile-value-set.ts'
import { refuse } from './errors.ts'
import { fold } from './fold-words.ts'
import { listedCodes, listedMember, type Members } from './members.ts'
import { countMembers, listMembers, searchConcepts, whichAreMembers } from './search-concepts.ts'
import { type Concept, detailOf, displayIn } from './systems.ts'

export interface ExpandOptions {
  filter?: string | undefined
  offset?: number | undefined
  count?: number | undefined
  activeOnly?: boolean | undefined
  includeDesignations?: boolean | undefined
  /** Leaves out what only groups, as FHIR's excludeNotForUI. */
  excludeNotForUI?: boolean | undefined
  displayLanguage?: string | undefined
}

/** Without a count, an expansion of more is refused: half of it would pass for the whole. */
export const mostAtOnce = 1_000

interface Entry {
  part: CompiledPart
  code: string
  concept: Concept | undefined
}

/** `$expand` (http://hl7.org/fhir/R4/valueset-operation-expand.html). The value set as given, with its expansion. */
export async function expandValueSet(
  tx: Tx,
  context: CallContext,
  valueSet: ValueSet,
  options: ExpandOptions,
): Promise<ValueSet> {
  const { parts } = await compileValueSet(tx, valueSet)
  const offset = options.offset ?? 0
  const wanted = options.count ?? mostAtOnce
  const entries: Entry[] = []
  let total = 0
  let totalKnown = true
  for (const part of parts) {
    const skip = Math.max(0, offset - total)
    const room = Math.max(0, wanted - entries.length)
    const found = await membersOf(tx, part, options, { offset: skip, limit: room })
    entries.push(...found.entries)
    total += found.total
    totalKnown &&= found.exact
  }
  if (options.count === undefined && (total > offset + mostAtOnce || (!totalKnown && entries.length >= mostAtOnce)))
    throw refuse('expansion-too-large', {
      faults: [{ path: 'count', message: `is needed: there are ${totalKnown ? total : `more than ${mostAtOnce}`}` }],
    })
  const parameter: ValueSetExpansionParameter[] = [
    ...Object.entries(options).flatMap(([name, value]) => parameterOf(name, value)),
    ...parts.flatMap(({ system }) =>
      system ? [{ name: 'version', valueUri: `${system.url}|${system.version}` }] : [],
    ),
  ]
  const { compose: _, expansion: __, text: ___, ...head } = valueSet
  return {
    ...head,
    status: valueSet.status ?? 'active',
    expansion: {
      identifier: `urn:uuid:${newId(context.clock)}`,
      timestamp: new Date(context.clock.now()).toISOString(),
      ...(totalKnown ? { total } : {}),
      ...(options.offset === undefined && options.count === undefined ? {} : { offset }),
      parameter,
      contains: entries.map((entry) => containsOf(entry, options)),
    },
  }
}

function parameterOf(name: string, value: string | number | boolean | undefined): ValueSetExpansionParameter[] {
  switch (typeof value) {
    case 'string':
      return [{ name, valueString: value }]
    case 'number':
      return [{ name, valueInteger: value }]
    case 'boolean':
      return [{ name, valueBoolean: value }]
    default:
      return []
  }
}

async function membersOf(
  tx: Tx,
  part: CompiledPart,
  options: ExpandOptions,
  page: { offset: number; limit: number },
): Promise<{ entries: Entry[]; total: number; exact: boolean }> {
  const { system, members } = part
  const listed = listedCodes(members)
  const of = (concept: Concept): Entry => ({ part, code: concept.code, concept })
  const cut = (entries: Entry[]) => ({
    entries: entries.slice(page.offset, page.offset + page.limit),
    total: entries.length,
    exact: true,
  })
  const named = options.filter === undefined ? [] : fold(options.filter).split(/\s+/)
  const fits = (display: string, code: string) => {
    const text = fold(display)
    return named.every((word) => text.includes(word) || fold(code).startsWith(word))
  }
  if (listed !== undefined) {
    // A list keeps its order. What the system does not know (any more) is no member of it.
    const found =
      system && new Map((await whichAreMembers(tx, system.id, members, listed)).map((one) => [one.code, one]))
    return cut(
      [...new Set(listed)]
        .filter((code) => (found ? found.has(code) : listedMember(members, code, part.url, undefined)))
        .map((code): Entry => ({ part, code, concept: found?.get(code) }))
        .filter(
          ({ concept }) =>
            !concept || ((!options.activeOnly || concept.active) && (!options.excludeNotForUI || !concept.abstract)),
        )
        .filter((entry) => fits(displayOf(entry, options.displayLanguage), entry.code)),
    )
  }
  if (!system)
    throw refuse('code-system-unknown', {
      faults: [{ path: 'compose', message: `${part.url} is not loaded, and its members are not listed` }],
    })
  const conditions: Members[] = [members, ...(options.activeOnly ? [{ kind: 'active' } as const] : [])]
  const narrowed: Members = conditions.length === 1 ? members : { kind: 'and', parts: conditions }
  if (options.filter !== undefined && options.filter.trim() !== '') {
    const concepts = await searchConcepts(tx, system.id, {
      text: options.filter,
      members: narrowed,
      selectableOnly: options.excludeNotForUI === true,
      // One more tells whether there are more.
      limit: page.limit + 1,
      offset: page.offset,
    })
    const more = concepts.length > page.limit
    return {
      entries: concepts.slice(0, page.limit).map(of),
      total: page.offset + Math.min(concepts.length, page.limit),
      exact: !more && (page.offset === 0 || concepts.length > 0),
    }
  }
  const total = await countMembers(tx, system.id, narrowed)
  const concepts = page.limit > 0 && page.offset < total ? await listMembers(tx, system.id, narrowed, page) : []
  return { entries: concepts.map(of), total, exact: true }
}

const displayOf = ({ part, code, concept }: Entry, language: string | undefined): string =>
  part.displays.get(code) ?? (concept ? displayIn(concept, language) : code)

function containsOf(entry: Entry, options: ExpandOptions): ValueSetExpansionContains {
  const { part, code, concept } = entry
  const designations = options.includeDesignations && concept ? (detailOf(concept).designations ?? []) : []
  return {
    system: part.url,
    ...(part.system ? { version: part.system.version } : part.version === undefined ? {} : { version: part.version }),
    code,
    display: displayOf(entry, options.displayLanguage),
    ...(concept?.active === false ? { inactive: true } : {}),
    ...(concept?.abstract ? { abstract: true } : {}),
    ...(designations.length === 0
      ? {}
      : {
          designation: designations.map(({ language, use, value }) => ({
            ...(language === undefined ? {} : { language }),
            ...(use === undefined ? {} : { use: { code: use } }),
            value,
          })),
        }),
  }
}
