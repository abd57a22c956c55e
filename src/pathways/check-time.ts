import { atMostOf } from './compile.ts'
import type { Path, Report } from './check.ts'
import { type Definition, duesOf, kindOf, type Step } from './model.ts'

const repeatable = ['task', 'message', 'form', 'appointment', 'order', 'call']

/** What is wrong with a step's clocks: one that never ends is a patient who waits for ever. */
export function checkTime(definition: Definition, step: Step, path: Path, report: Report): void {
  const kind = kindOf(step)
  const withoutEnd = (at: Path, message: string) => report('error', 'timer-without-end', at, message)
  const asksOutside =
    (step.wait && ('events' in step.wait || 'condition' in step.wait)) ||
    step.form?.to === 'patient' ||
    step.appointment ||
    step.order ||
    step.call ||
    (step.decide && 'automation' in step.decide)
  if (asksOutside && atMostOf(step) === undefined)
    withoutEnd([...path, kind], `waits without an end: say at-most, and what follows when it is late`)
  const dues = duesOf(step)
  if (dues?.escalate && dues.due === undefined)
    report(
      'error',
      'escalation-without-due',
      [...path, kind, 'escalate'],
      'escalation counts from a due time; this task has none',
    )
  if (dues && dues.due === undefined)
    report('warning', 'task-without-due', [...path, kind], 'a task without a due time is never noticed as missed')
  if (step.wait && 'until' in step.wait) {
    const { until, less, more } = step.wait
    if (!['string', 'date', 'dateTime'].includes(definition.variables[until] ?? ''))
      report(
        'error',
        'unknown-variable',
        [...path, 'wait', 'until'],
        `${until} must be a declared variable of type date or dateTime (or string)`,
      )
    if (less !== undefined && more !== undefined)
      report('error', 'wrong-shape', [...path, 'wait'], 'less is before the moment and more is after it: not both')
  }
  if (!step.repeat) return
  const at = [...path, 'repeat']
  if (!repeatable.includes(kind))
    report('error', 'cannot-repeat', at, `a ${kind} does not repeat; ${repeatable.join(', ')} do`)
  if (step.repeat.times === undefined && step.repeat.for === undefined)
    withoutEnd(at, 'repeats without an end: say how many times, or for how long')
}

/** What is wrong with the rests of a pathway. */
export function checkRests(definition: Definition, report: Report): void {
  for (const [index, rest] of (definition.pauses ?? []).entries())
    if (rest['at-most'] === undefined)
      report(
        'error',
        'timer-without-end',
        ['pauses', index],
        'rests without an end if the event to go on never comes: say at-most',
      )
}
