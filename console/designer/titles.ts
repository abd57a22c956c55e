import { asStep, type Design, type DesignStep, kindOf, outcomesOf, titleOf } from '../../src/pathways/index.ts'

interface Said {
  en: string
  fr: string
}

/** A step's title as the picture shows it. */
export const titleOfStep = (id: string, step: DesignStep): Said => titleOf(id, asStep(step))

export const kindOfStep = (step: DesignStep) => kindOf(asStep(step))

const titledKinds = ['task', 'form', 'appointment', 'order', 'request', 'end'] as const

/** The step by another title: the one people read in their lists, and the picture's with it. */
export function titled(step: DesignStep, title: Said): DesignStep {
  for (const kind of titledKinds) {
    const own = step[kind]
    if (!own) continue
    const both = step.title === undefined ? {} : { title }
    return { ...step, ...both, [kind]: { ...own, title } }
  }
  return { ...step, title }
}

/** The ways a step may end that another may follow; `null`: however it ends. */
export function waysOf(step: DesignStep, outcomesOfOther?: readonly string[]): (string | null)[] {
  const kind = kindOfStep(step)
  const own = step.start
    ? [...(outcomesOfOther ?? []), ...outcomesOf(asStep(step)).filter((one) => one !== 'done')]
    : outcomesOf(asStep(step))
  const due = (step.task ?? step.form)?.due !== undefined || own.includes('late')
  return kind === 'end' ? [] : [null, ...own, ...(due ? ['missed'] : [])]
}

/** The words of an outcome: the task's own title for it, if it gives one. */
export const outcomeSaid = (design: Design, id: string, outcome: string): Said | undefined => {
  for (const track of Object.values(design.tracks)) {
    const said = track.steps[id]?.task?.outcomes?.find((one) => one.code === outcome)?.title
    if (said) return said
  }
  return undefined
}
