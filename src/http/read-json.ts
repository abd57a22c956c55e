import { refuse } from './errors.ts'

/** Parses a JSON body; a fault names the line and column, never the text around it, which could be about a patient. */
export function readJson(text: string): unknown {
  if (text === '') return undefined
  try {
    // A key __proto__ must stay a plain key and not reach a prototype.
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value))
  } catch (error) {
    const offset = Number(/position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? text.length)
    const before = text.slice(0, offset).split('\n')
    throw refuse('malformed-json', {
      faults: [
        {
          path: `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`,
          message: 'is not JSON from here on',
        },
      ],
    })
  }
}
