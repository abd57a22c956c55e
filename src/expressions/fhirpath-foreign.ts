import { evalFhirPathTyped, parseFhirPath, toTypedValue, type TypedValue } from '@medplum/core'
import { type ExpressionFault, longestSource, runsPatterns } from './expression.ts'

/** A value with its FHIR type, as the library tells it. */
export interface Given {
  type: string
  value: unknown
}

/** What an expression works with: its focus, `%name`s (resources or plain values), and what `now()` and `today()` say. */
export interface Around {
  focus: object | undefined
  variables: Readonly<Record<string, unknown>>
  /** Milliseconds. */
  now: number
}

export interface ForeignPath {
  ok: true
  /** All that the expression gives, or in words why it cannot be told here. */
  run(around: Around): readonly Given[] | ExpressionFault
}

interface Parts {
  child?: Parts
  left?: Parts
  right?: Parts
  expr?: Parts
  name?: string
  args?: Parts[]
  eval?(context: { variables: Record<string, TypedValue> }, input: TypedValue[]): TypedValue[]
}

// Each level goes through a list once more for each of its members: what nests deeper could take longer than anybody waits.
const deepestCriteria = 3
const criteria = new Set(['where', 'all', 'exists', 'select', 'iif'])
const clocks: Readonly<Record<string, (now: string) => TypedValue>> = {
  now: (now) => ({ type: 'dateTime', value: now }),
  today: (now) => ({ type: 'date', value: now.slice(0, 10) }),
  timeOfDay: (now) => ({ type: 'time', value: now.slice(11) }),
}

/** Hands the caller's clock to `now()` and its kin, which would ask the machine's; gives how deep criteria nest. */
function prepare(atom: Parts | undefined, moment: { now: string }): number {
  if (!atom) return 0
  const clock = atom.args ? clocks[atom.name ?? ''] : undefined
  if (clock) atom.eval = () => [clock(moment.now)]
  const inner = [atom.child, atom.left, atom.right, atom.expr].map((one) => prepare(one, moment))
  const nests = criteria.has(atom.name ?? '') ? 1 : 0
  const args = (atom.args ?? []).map((one) => nests + prepare(one, moment))
  return Math.max(0, ...inner, ...args)
}

/**
 * A FHIRPath that anybody may have brought, over whatever resource: not held against element names, without regular
 * expressions, with the caller's clock. What the library does not know (`resolve()` outside the focus, `memberOf`) is told.
 */
export function foreignPath(source: string): ForeignPath | ExpressionFault {
  const fault = (message: string): ExpressionFault => ({ ok: false, message, offset: undefined })
  if (source.length > longestSource) return fault(`longer than ${longestSource} characters`)
  if (runsPatterns(source)) return fault('regular expressions are not run here')
  const moment = { now: '' }
  let atom: ReturnType<typeof parseFhirPath>
  try {
    atom = parseFhirPath(source)
  } catch (error) {
    return fault(`is not FHIRPath: ${firstLine(error)}`)
  }
  if (prepare(atom, moment) > deepestCriteria) return fault(`has criteria nested deeper than ${deepestCriteria}`)
  return {
    ok: true,
    run({ focus, variables, now }) {
      moment.now = new Date(now).toISOString()
      const named: Record<string, TypedValue> = {}
      for (const [name, value] of Object.entries(variables)) named[`%${name}`] = toTypedValue(value)
      try {
        return evalFhirPathTyped(atom, focus === undefined ? [] : [toTypedValue(focus)], named)
      } catch (error) {
        return fault(`cannot be evaluated: ${firstLine(error)}`)
      }
    },
  }
}

// The library repeats the source in its messages; a value of the record never stands in them.
const firstLine = (error: unknown): string =>
  (error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unreadable').slice(0, 300)
