/** Answers that were good a moment ago: asked for once, and given again until they are too old or forgotten. */
export interface Recent<T extends object> {
  /** What is kept under `key`, or what `ask` answers now; `now` in milliseconds. What is not there is not kept. */
  get(key: string, now: number, ask: () => Promise<T | undefined>): Promise<T | undefined>
  /** Forgets all, also what is being asked for at this moment. */
  forget(): void
}

const most = 10_000

/** `keep`: how old an answer may be, in milliseconds. */
export function createRecent<T extends object>(keep: number): Recent<T> {
  let held = new Map<string, { at: number; answer: T }>()
  return {
    async get(key, now, ask) {
      const known = held.get(key)
      if (known && now >= known.at && now - known.at < keep) return known.answer
      // An answer that was asked for before something changed goes into the map that was thrown away.
      const into = held
      const answer = await ask()
      if (answer === undefined) into.delete(key)
      else {
        if (into.size >= most) into.clear()
        into.set(key, { at: now, answer })
      }
      return answer
    },
    forget() {
      held = new Map()
    },
  }
}
