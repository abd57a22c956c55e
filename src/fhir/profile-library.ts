import type { CodeSystem, CodeSystemConcept, StructureDefinition, ValueSet } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { ProfileLibrary } from './check-profile.ts'
import type { CodeExpander, SystemCode } from './code-expander.ts'
import { refuse } from './errors.ts'
import { parseSearch } from './parse-search.ts'
import { bare, compileProfile, type Profile } from './profile.ts'
import { runSearch } from './search.ts'

/** Compiled profiles by the text that they were compiled from; the oldest goes when there are too many. */
const compiled = new Map<string, Profile>()
const mostCompiled = 500

type Conformance = 'StructureDefinition' | 'ValueSet' | 'CodeSystem'

/** Where profiles and value sets are found. */
export interface ConformanceSource {
  /** JSON text of the newest of this canonical address (`|version` allowed). */
  find(type: Conformance, canonical: string): Promise<string | undefined>
  /** The codes of a value set as a terminology knows them; undefined where it knows none. */
  expand(url: string): Promise<readonly SystemCode[] | undefined>
}

/** The record's own conformance resources, and the terminology that is loaded here. */
export const recordSource = (tx: Tx, expander: CodeExpander | undefined): ConformanceSource => ({
  async find(type, canonical) {
    const [url = '', version] = canonical.split('|')
    const escaped = url.replace(/[\\,$|]/g, '\\$&')
    const query = new URLSearchParams({ url: escaped, _sort: '-_lastUpdated', _count: '1' })
    if (version !== undefined) query.set('version', version)
    const page = await runSearch(tx, parseSearch(type, query), 0)
    return page.matches[0]?.content
  },
  expand: async (url) => expander?.expand(tx, url),
})

async function profileAt(source: ConformanceSource, canonical: string): Promise<Profile | undefined> {
  const text = await source.find('StructureDefinition', canonical)
  if (text === undefined) return undefined
  const known = compiled.get(text)
  if (known) return known
  const profile = compileProfile(JSON.parse(text) as StructureDefinition)
  const [oldest] = compiled.keys()
  if (compiled.size >= mostCompiled && oldest !== undefined) compiled.delete(oldest)
  compiled.set(text, profile)
  return profile
}

const codesOf = (concepts: readonly CodeSystemConcept[]): string[] =>
  concepts.flatMap((concept) => [concept.code ?? '', ...codesOf(concept.concept ?? [])])

/** The codes of a value set that lists them or takes a whole code system that is here; undefined for anything that would need a terminology server. */
async function listedCodes(source: ConformanceSource, url: string, depth = 0): Promise<Set<string> | undefined> {
  const text = depth > 8 ? undefined : await source.find('ValueSet', url)
  const compose = text === undefined ? undefined : (JSON.parse(text) as ValueSet).compose
  if (!compose || (compose.exclude ?? []).length > 0) return undefined
  const codes = new Set<string>()
  for (const include of compose.include ?? []) {
    if (include.filter || (include.valueSet && include.system)) return undefined
    for (const other of include.valueSet ?? []) {
      const inner = await listedCodes(source, bare(other), depth + 1)
      if (!inner) return undefined
      for (const code of inner) codes.add(code)
    }
    if (include.concept) for (const { code } of include.concept) codes.add(`${include.system ?? ''}|${code}`)
    else if (include.system) {
      const system = await source.find('CodeSystem', include.system)
      const read = system === undefined ? undefined : (JSON.parse(system) as CodeSystem)
      if (read?.content !== 'complete') return undefined
      for (const code of codesOf(read.concept ?? [])) codes.add(`${include.system}|${code}`)
    }
  }
  return codes
}

/** Codes as the value set lists them; of one that only a terminology can tell (filters, large systems), as the loaded one tells. */
async function codesAt(source: ConformanceSource, url: string): Promise<ReadonlySet<string> | undefined> {
  const listed = await listedCodes(source, url)
  if (listed) return listed
  const expanded = await source.expand(url)
  return expanded && new Set(expanded.map(({ system, code }) => `${system}|${code}`))
}

/** The profiles asked for and all that they need; refused when one that is asked for is not here. */
export async function loadProfiles(
  source: ConformanceSource,
  canonicals: readonly string[],
): Promise<{ asked: Profile[]; library: ProfileLibrary }> {
  const profiles = new Map<string, Profile>()
  const valueSets = new Map<string, ReadonlySet<string> | undefined>()
  const asked: Profile[] = []
  const missing: string[] = []
  for (const canonical of canonicals) {
    const profile = await profileAt(source, canonical)
    if (profile) asked.push(profile)
    else missing.push(canonical)
  }
  if (missing.length > 0)
    throw refuse('profile-unknown', {
      faults: missing.map((canonical) => ({ path: 'profile', message: `${canonical.slice(0, 200)} is not here` })),
    })
  const queue = [...asked]
  for (let profile = queue.shift(); profile; profile = queue.shift()) {
    for (const url of profile.needs.profiles) {
      if (profiles.has(url)) continue
      const other = await profileAt(source, url)
      if (!other) continue
      profiles.set(url, other)
      queue.push(other)
    }
    for (const url of profile.needs.valueSets) if (!valueSets.has(url)) valueSets.set(url, await codesAt(source, url))
  }
  return { asked, library: { profiles, valueSets } }
}
