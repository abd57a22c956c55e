import { useMemo } from 'react'
import type { DesignSurroundings, FormQuestion } from '../../src/contracts/index.ts'
import { allSteps, questionOf } from '../../src/pathways/index.ts'
import { useDesigner } from './design-context.ts'

type Forms = DesignSurroundings['forms']
type Version = Forms[number]['versions'][number]

/** The version of a form that a step names: by `url|version`, or by the url alone the one in use. */
export function formNamed(forms: Forms, canonical: string): { form: Forms[number]; version: Version } | undefined {
  const form = forms.find(({ url }) => url === canonical.split('|')[0])
  const version = form?.versions.find((one) =>
    canonical.includes('|') ? one.canonical === canonical : one.status === 'active',
  )
  return form && version && { form, version }
}

/** A form that a new step may name. */
export function formAtHand(forms: Forms): string {
  const used = forms.find(({ versions }) => versions.some(({ status }) => status === 'active'))
  return used?.url ?? forms[0]?.versions[0]?.canonical ?? 'urn:form'
}

/** Of each variable that keeps the answer to a question with choices: what it may be. */
export function useAnswerOptions(): ReadonlyMap<string, FormQuestion['options']> {
  const { design, surroundings } = useDesigner()
  return useMemo(() => {
    const options = new Map<string, FormQuestion['options']>()
    for (const { step } of allSteps(design)) {
      const questions = formNamed(surroundings.forms, step.form?.questionnaire ?? '')?.version.questions ?? []
      for (const [name, expression] of Object.entries(step.form?.set ?? {})) {
        const question = questions.find(({ linkId }) => linkId === questionOf(expression))
        if (question && question.options.length > 0) options.set(name, question.options)
      }
    }
    return options
  }, [design, surroundings])
}
