import type { Database } from './tx.ts'

/** A bell that workers wait for. */
export interface Bell {
  ring(): void
  /** The next ring. Take it before you look for work, so that a ring while you look is not lost. */
  next(): Promise<void>
}

export function createBell(): Bell {
  let tell = () => {}
  let next = Promise.resolve()
  const hang = () => {
    next = new Promise((resolve) => {
      tell = resolve
    })
  }
  hang()
  return {
    ring() {
      const ringing = tell
      hang()
      ringing()
    },
    next: () => next,
  }
}

/** Waits until one of these happens, or for so many milliseconds. */
export async function waitFor(milliseconds: number, happenings: Iterable<Promise<unknown>>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((tell) => {
    timer = setTimeout(tell, milliseconds)
    timer.unref()
  })
  await Promise.race([...happenings, late]).finally(() => clearTimeout(timer))
}

/**
 * Looks for work, one look after the other: at once, at each NOTIFY of `channel` and at least every so many milliseconds.
 * What a look throws goes to `failed`, and the next look comes as ever. The answer stops it, after the look under way.
 */
export async function keepLooking(
  database: Database,
  options: {
    channel: string
    /** Milliseconds. */
    every: number
    look(): Promise<void>
    failed(error: unknown): void
    /** Rung by others too. */
    bell?: Bell
  },
): Promise<() => Promise<void>> {
  const { bell = createBell(), every, look, failed } = options
  let stopped = false
  const deaf = await database.listen(options.channel, bell.ring)
  const running = (async () => {
    while (!stopped) {
      const rung = bell.next()
      await look().catch(failed)
      if (!stopped) await waitFor(every, [rung])
    }
  })()
  return async () => {
    stopped = true
    bell.ring()
    await running
    await deaf()
  }
}
