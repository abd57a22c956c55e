import type { Tx } from '../db/index.ts'
import { compileValueSet, findValueSet } from './compile-value-set.ts'
import { listedCodes, listedMember, type Members } from './members.ts'
import { listMembers } from './search-concepts.ts'
import { findSystem } from './systems.ts'

export interface SystemCode {
  system: string
  code: string
}

/** More codes than a search can be asked with. */
const most = 50_000

const codesOf = async (tx: Tx, system: number, members: Members): Promise<string[] | undefined> => {
  const concepts = await listMembers(tx, system, members, { offset: 0, limit: most + 1 })
  return concepts.length > most ? undefined : concepts.map(({ code }) => code)
}

/** What the record's search asks for `:in`, `:below` and `:above`: the fhir room's `CodeExpander` has this shape. */
export const codeExpander = {
  async expand(tx: Tx, valueSetUrl: string): Promise<readonly SystemCode[] | undefined> {
    const valueSet = await findValueSet(tx, valueSetUrl)
    if (!valueSet) return undefined
    const codes: SystemCode[] = []
    for (const { url, system, members } of (await compileValueSet(tx, valueSet)).parts) {
      const listed = listedCodes(members)
      const found = system
        ? await codesOf(tx, system.id, members)
        : listed?.filter((code) => listedMember(members, code, url, undefined))
      // A part that cannot be told makes the whole unknown: to search with the rest would find too little.
      if (!found) return undefined
      codes.push(...found.map((code) => ({ system: url, code })))
    }
    return codes
  },
  below: (tx: Tx, system: string, code: string) => reach(tx, system, code, true),
  above: (tx: Tx, system: string, code: string) => reach(tx, system, code, false),
}

async function reach(tx: Tx, url: string, code: string, down: boolean): Promise<readonly SystemCode[] | undefined> {
  const system = await findSystem(tx, url)
  const codes = system && (await codesOf(tx, system.id, { kind: 'reach', code, down, self: true }))
  return codes?.map((one) => ({ system: url, code: one }))
}
