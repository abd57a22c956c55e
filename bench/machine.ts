import { cpus } from 'node:os'

/** The machine in a line, for the figures of a bench. */
export const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}`
