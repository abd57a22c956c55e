import type { MoveMapping } from '../../contracts/index.ts'
import type { Rounds } from '../state.ts'

/** A mapping as questions about names. */
export class Names {
  readonly mapping: MoveMapping
  readonly #before = new Map<string, string>()

  constructor(mapping: MoveMapping) {
    this.mapping = mapping
    for (const [old, choice] of Object.entries(mapping.steps))
      if (choice.do === 'pair') this.#before.set(choice.to, old)
  }

  /** The step of the old version that a step of the new one goes on from. */
  before(step: string): string | undefined {
    return this.#before.get(step)
  }

  after(step: string): string | undefined {
    const choice = this.mapping.steps[step]
    return choice?.do === 'pair' ? choice.to : undefined
  }

  outcome(step: string, outcome: string | undefined): string | undefined {
    const choice = this.mapping.steps[step]
    if (outcome === undefined || choice?.do !== 'pair') return outcome
    return choice.outcomes?.[outcome] ?? outcome
  }

  track(id: string): string | undefined {
    return this.mapping.tracks[id] ?? undefined
  }

  /** Counts of circles and of tracks that started again, by their names in the new version; those that are gone are left out. */
  rounds(rounds: Rounds | undefined): Rounds | undefined {
    if (rounds === undefined) return undefined
    const named = Object.entries(rounds).flatMap(([name, n]) => {
      const track = name.startsWith('track ') ? this.track(name.slice('track '.length)) : undefined
      const now = name.startsWith('track ') ? track && `track ${track}` : this.after(name)
      return now === undefined ? [] : [[now, n] as const]
    })
    return named.length > 0 ? Object.fromEntries(named) : undefined
  }
}
