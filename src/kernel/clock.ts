/** The only source of current time. Milliseconds since 1970-01-01T00:00:00Z. */
export interface Clock {
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** A clock that stands where it is put: for the demonstration clinic and for tests. */
export interface MovedClock extends Clock {
  moveTo(time: number): void
  advance(milliseconds: number): void
}

export function movedClock(start: number): MovedClock {
  let current = start
  return {
    now: () => current,
    moveTo(time) {
      if (time < current) throw new RangeError('a moved clock does not go back')
      current = time
    },
    advance(milliseconds) {
      current += milliseconds
    },
  }
}
