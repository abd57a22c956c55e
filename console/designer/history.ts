/** What was done to a value, so that it can be undone. */
export interface History<T> {
  past: readonly T[]
  now: T
  future: readonly T[]
  /** What the last change was about: the next one about the same is part of it. */
  about: string | undefined
}

const longest = 200

export const begun = <T>(now: T): History<T> => ({ past: [], now, future: [], about: undefined })

/** A change. Those that follow each other and are about the same (a word being typed) are undone at once. */
export function done<T>(history: History<T>, now: T, about?: string): History<T> {
  if (now === history.now) return history
  const joins = about !== undefined && about === history.about && history.future.length === 0
  return {
    past: joins ? history.past : [...history.past, history.now].slice(-longest),
    now,
    future: [],
    about,
  }
}

export function undone<T>(history: History<T>): History<T> {
  const before = history.past.at(-1)
  if (before === undefined) return history
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future], about: undefined }
}

export function redone<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future
  if (next === undefined) return history
  return { past: [...history.past, history.now], now: next, future, about: undefined }
}
