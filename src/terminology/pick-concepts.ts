import type { Tx } from '../db/index.ts'
import { compileValueSet, needValueSet } from './compile-value-set.ts'
import { fold } from './fold-words.ts'
import { listedCodes, type Members } from './members.ts'
import { searchCodes, searchConcepts, whichAreMembers } from './search-concepts.ts'
import { type Concept, detailOf, displayIn, needSystem } from './systems.ts'

export interface Picked {
  system: string
  version: string
  code: string
  display: string
  /** The name that was found, when it is another than the display. */
  matched: string | null
}

export interface PickAsked {
  text: string
  /** One of both. */
  system?: string | undefined
  valueSet?: string | undefined
  language: string
  limit: number
}

/** Candidates that are looked at for each that is shown, so that a name that begins as typed comes first. */
const breadth = 5

/** What a picker shows for what was typed: codes that begin so, then names, the nearest first. What is not in use or only groups is left out. */
export async function pickConcepts(tx: Tx, asked: PickAsked): Promise<Picked[]> {
  const { limit, text } = asked
  if (asked.valueSet === undefined) {
    const system = await needSystem(tx, asked.system ?? '', undefined, 'system')
    return pickIn(tx, { ...system, members: undefined }, asked)
  }
  const { parts } = await compileValueSet(tx, await needValueSet(tx, asked.valueSet, 'valueSet'))
  const picked: Picked[] = []
  for (const { url, version, system, members, displays } of parts) {
    const listed = listedCodes(members)
    if (system) picked.push(...(await pickIn(tx, { ...system, members, listed }, asked)))
    else
      for (const code of listed ?? []) {
        const display = displays.get(code) ?? code
        if (fold(`${code} ${display}`).includes(fold(text)))
          picked.push({ system: url, version: version ?? '', code, display, matched: null })
      }
  }
  return picked.slice(0, limit)
}

async function pickIn(
  tx: Tx,
  system: {
    id: number
    url: string
    version: string
    members: Members | undefined
    listed?: readonly string[] | undefined
  },
  { text, language, limit }: PickAsked,
): Promise<Picked[]> {
  const { members } = system
  const typed = text.trim()
  const found: Concept[] = []
  // A short list is shown as a whole to whoever has typed nothing yet.
  if (typed === '' && members && system.listed)
    found.push(...(await whichAreMembers(tx, system.id, members, system.listed.slice(0, limit))))
  if (/^\S*\d\S*$/.test(typed))
    for (const form of new Set([typed, typed.toUpperCase()]))
      found.push(...(await searchCodes(tx, system.id, form, limit, members)))
  const byName = await searchConcepts(tx, system.id, {
    text: typed,
    ...(members ? { members } : {}),
    activeOnly: true,
    selectableOnly: true,
    limit: limit * breadth,
  })
  const wanted = fold(typed)
  const near = (concept: Concept): number => {
    const display = fold(displayIn(concept, language))
    return display === wanted ? 0 : display.startsWith(wanted) ? 1 : 2
  }
  found.push(
    ...byName
      .map((concept) => ({ concept, grade: near(concept) }))
      .toSorted((a, b) => a.grade - b.grade || a.concept.ord - b.concept.ord)
      .map(({ concept }) => concept),
  )
  const once = [...new Map(found.map((concept) => [concept.code, concept])).values()].slice(0, limit)
  return once.map((concept) => {
    const display = displayIn(concept, language)
    return {
      system: system.url,
      version: system.version,
      code: concept.code,
      display,
      matched: matchedName(concept, display, wanted),
    }
  })
}

/** Which of the names has all that was typed, when the display has not. */
function matchedName(concept: Concept, display: string, wanted: string): string | null {
  const words = wanted.split(/\s+/)
  const has = (name: string) => words.every((word) => fold(name).includes(word))
  if (has(display) || concept.code.toLowerCase().startsWith(wanted)) return null
  return (detailOf(concept).designations ?? []).find(({ value }) => has(value))?.value ?? null
}
