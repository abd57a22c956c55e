import type { ValueSet } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { type CompiledPart, compileValueSet, grammars } from './compile-value-set.ts'
import { fold } from './fold-words.ts'
import { listedMember } from './members.ts'
import { whichAreMembers } from './search-concepts.ts'
import { type Concept, detailOf, findConcepts, findSystem } from './systems.ts'

export interface AskedCode {
  /** Undefined: any system of the value set. */
  system?: string | undefined
  version?: string | undefined
  code: string
  display?: string | undefined
}

export interface CodeVerdict {
  result: boolean
  /** Why not, or what is to be noted. */
  message?: string
  display?: string
  system?: string
  version?: string
}

/** Whether a value set has a code. A system that is not loaded is asked only where its codes are listed or told by their form. */
export async function validateInValueSet(tx: Tx, valueSet: ValueSet, asked: AskedCode): Promise<CodeVerdict> {
  const { parts } = await compileValueSet(tx, valueSet)
  return validateInParts(tx, parts, asked, valueSet.url ?? 'the value set')
}

export async function validateInParts(
  tx: Tx,
  parts: readonly CompiledPart[],
  asked: AskedCode,
  name: string,
): Promise<CodeVerdict> {
  const missing: string[] = []
  for (const part of parts) {
    if (asked.system !== undefined && part.url !== asked.system) continue
    if (asked.version !== undefined && part.system && !sameVersion(part.system.version, asked.version)) continue
    if (part.system) {
      const [concept] = await whichAreMembers(tx, part.system.id, part.members, [asked.code])
      if (concept)
        return checkDisplay(asked, concept, {
          system: part.url,
          version: part.system.version,
          given: part.displays.get(asked.code),
        })
      continue
    }
    try {
      if (listedMember(part.members, asked.code, part.url, grammars[part.url])) {
        const display = part.displays.get(asked.code)
        return { result: true, system: part.url, ...(display === undefined ? {} : { display }) }
      }
    } catch {
      missing.push(part.url)
    }
  }
  if (missing.length > 0)
    return { result: false, message: `${missing.join(' and ')} is not loaded here, so that it cannot be told` }
  const of = asked.system === undefined ? '' : ` of ${asked.system}`
  return { result: false, message: `The code ${asked.code}${of} is not in ${name}` }
}

const sameVersion = (loaded: string, asked: string) => loaded === asked || loaded.startsWith(`${asked}/version/`)

/** Whether a code system has a code. */
export async function validateInSystem(tx: Tx, url: string, asked: AskedCode): Promise<CodeVerdict> {
  const grammar = grammars[url]
  if (grammar) return grammar.test(asked.code) ? { result: true, system: url } : unknown(asked.code, url)
  const system = await findSystem(tx, url, asked.version)
  if (!system) return { result: false, message: `${url} is not loaded here, so that it cannot be told` }
  const concept = (await findConcepts(tx, system.id, [asked.code])).get(asked.code)
  if (!concept) return unknown(asked.code, url)
  return checkDisplay(asked, concept, { system: system.url, version: system.version, given: undefined })
}

const unknown = (code: string, url: string): CodeVerdict => ({ result: false, message: `${url} has no code ${code}` })

/** A display that is none of the concept's names makes the answer false, and says which it has. */
function checkDisplay(
  asked: AskedCode,
  concept: Concept,
  { given, ...found }: { system: string; version: string; given: string | undefined },
): CodeVerdict {
  const display = given ?? concept.display
  const names = [concept.display, ...(given === undefined ? [] : [given])]
  const all = [...names, ...(detailOf(concept).designations ?? []).map(({ value }) => value)]
  const wrong = asked.display !== undefined && !all.some((name) => fold(name) === fold(asked.display ?? ''))
  if (wrong)
    return {
      result: false,
      message: `The display of ${asked.code} is ${display}, and not ${asked.display}`,
      display,
      ...found,
    }
  return {
    result: true,
    display,
    ...found,
    ...(concept.active ? {} : { message: `${asked.code} is no longer in use` }),
  }
}
