import { readExact } from '../kernel/index.ts'
import { locateJsonFault } from './locate-json-fault.ts'
import { refuse } from './errors.ts'

/** Parses a JSON body; a fault names the line and column, never the text around it, which could be about a patient. */
export function readJson(text: string): unknown {
  if (text === '') return undefined
  try {
    return readExact(text)
  } catch (error) {
    // A reviver calls itself for each level, a deep body with such a key overflows it.
    if (error instanceof RangeError) throw error
    const before = text.slice(0, locateJsonFault(text)).split('\n')
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
