import { parseDocument } from 'yaml'
import type { Calendar } from '../calendar.ts'
import type { ScenarioReport } from '../scenario.ts'
import { clockText } from './rehearse.ts'

/**
 * A scenario's text that expects what was found where it expected something else; undefined when some failure is no
 * expectation (a step to be answered that is not open): that line a person must change. What is not touched stays as it is
 * written, comments too.
 */
export function expectAsFound(
  source: string,
  failures: ScenarioReport['failures'],
  calendar: Calendar,
): string | undefined {
  const document = parseDocument(source)
  if (failures.length === 0 || document.errors.length > 0) return undefined
  for (const { line, path, expected, found } of failures) {
    // Names of steps and variables hold no dots.
    const at = ['lines', line - 1, 'expect', ...path.split('.')]
    if (!document.hasIn(at)) return undefined
    if (found === undefined || (found === null && path.startsWith('due.'))) document.deleteIn(at)
    else
      document.setIn(
        at,
        document.createNode(
          typeof expected === 'number' && path.startsWith('due.') ? clockText(calendar, Number(found)) : found,
          { flow: true },
        ),
      )
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}
