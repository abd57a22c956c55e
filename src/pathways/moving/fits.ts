import { atMostOf } from '../compile.ts'
import { kindOf, type Step } from '../model.ts'

/**
 * What must be the same of two steps so that an open occurrence of one can go on as the other: what was asked of the world
 * for it, and what will end it. The same text in both means that they fit.
 */
export function natureOf(step: Step): string {
  const kind = kindOf(step)
  if (step.wait) {
    const { wait } = step
    // Nobody but the clock ends a wait: one that has an end and one that has none do not fit.
    const ends = atMostOf(step) === undefined ? 'open' : 'ends'
    if ('for' in wait) return 'wait for'
    if ('until' in wait) return `wait until ${wait.until}`
    return 'events' in wait ? `wait events ${ends}` : `wait condition ${ends}`
  }
  if (step.form) return `form ${step.form.role === undefined ? 'patient' : 'role'} ${step.form.questionnaire}`
  if (step.message) return `message ${step.message.to}`
  if (step.decide) return 'automation' in step.decide ? `decide ${step.decide.automation}` : 'decide rules'
  if (step.order) return `order ${step.order.code.system}|${step.order.code.code} ${step.order.result}`
  if (step.call) return `call ${step.call.connector}.${step.call.operation}`
  if (step.start) return `start ${step.start.pathway} ${step.start.wait}`
  return kind
}

export const fits = (one: Step, other: Step): boolean => natureOf(one) === natureOf(other)
