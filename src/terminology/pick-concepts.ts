import type { Tx } from '../db/index.ts'
import { compileValueSet, needValueSet } from './compile-value-set.ts'
import { fold } from './fold-words.ts'
import { listedCodes, type Members } from './members.ts'
import { listMembers, searchCodes, searchConcepts } from './search-concepts.ts'
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
    if (system) picked.push(...(await pickIn(tx, { ...system, members }, asked)))
    else
      for (const code of listedCodes(members) ?? []) {
        const display = displays.get(code) ?? code
        if (fold(`${code} ${display}`).includes(fold(text)))
          picked.push({ system: url, version: version ?? '', code, display, matched: null })
      }
  }
  return picked.slice(0, limit)
}

async function pickIn(
  tx: Tx,
  system: { id: number; url: string; version: string; members: Members | undefined },
  { text, language, limit }: PickAsked,
): Promise<Picked[]> {
  const { members } = system
  const typed = text.trim()
  const found: Concept[] = []
  // Whoever has typed nothing yet sees how it begins.
  if (typed === '' && members) {
    const some: Members = { kind: 'and', parts: [members, { kind: 'active' }] }
    found.push(...(await listMembers(tx, system.id, some, { offset: 0, limit })))
  }
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
