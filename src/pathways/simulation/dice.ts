import type { Chance } from '../../kernel/index.ts'

/** Gives the same chances for the same seed. */
export type MakeChance = (seed: number) => Chance

/**
 * The chances of one replication. Each draw has a name (which journey, which step, which occurrence, what for), so that two
 * variants with the same seed meet the same patients, the same answers and the same lengths of work (common random numbers).
 */
export class Dice {
  readonly #make: MakeChance
  readonly #seed: number
  readonly #names = new Map<string, number>()

  constructor(make: MakeChance, seed: number, replication: number) {
    this.#make = make
    this.#seed = mix(mix(seed >>> 0) ^ (replication + 1))
  }

  of(journey: number, name: string, n: number): Chance {
    let hash = this.#names.get(name)
    if (hash === undefined) {
      hash = 0x811c9dc5
      for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193)
      this.#names.set(name, hash)
    }
    return this.#make(mix(mix(mix(this.#seed ^ hash) + journey) + Math.imul(n, 0x9e3779b1)))
  }
}

/** Spreads the bits of a number (the end of MurmurHash3). */
function mix(value: number): number {
  let mixed = value >>> 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** One of the weights' names. */
export function weighted(weights: Readonly<Record<string, number>>, chance: Chance): string | undefined {
  let sum = 0
  for (const name in weights) sum += weights[name] ?? 0
  let left = chance.next() * sum
  let last: string | undefined
  for (const name in weights) {
    const weight = weights[name] ?? 0
    if (weight <= 0) continue
    last = name
    left -= weight
    if (left < 0) return name
  }
  return last
}
