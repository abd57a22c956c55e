import { type Logger, pino } from 'pino'

export type { Logger }

/**
 * The program's log: JSON lines on standard error. It carries ids, codes and durations only; anything that could hold
 * patient data (bodies, URLs with queries, resource content) must never be given to it.
 */
export function createLog(level: string): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['req.headers', '*.resource', '*.body', '*.password'],
    },
    pino.destination({ dest: 2, sync: true }),
  )
}
