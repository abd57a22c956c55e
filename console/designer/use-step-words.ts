import { useMemo } from 'react'
import { findStep } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import { outcomeSaid, titleOfStep, waysOf } from './titles.ts'

/** Steps and their outcomes in the reader's language, and the ways each may end. */
export function useStepWords() {
  const { t, either, code } = useWords()
  const { design, surroundings } = useDesigner()
  return useMemo(() => {
    const title = (id: string): string => {
      const step = findStep(design, id)?.step
      return step ? either(titleOfStep(id, step)) : id
    }
    const outcome = (id: string, name: string | null): string => {
      if (name === null) return t('designAnyEnd')
      if (name === 'missed') return t('designMissed')
      const said = outcomeSaid(design, id, name)
      return said ? either(said) : code('step', name)
    }
    const ways = (id: string): (string | null)[] => {
      const step = findStep(design, id)?.step
      if (!step) return []
      const other = surroundings.pathways.find(
        (one) => one.pathway === step.start?.pathway && one.version === step.start.version,
      )
      return waysOf(step, other?.outcomes)
    }
    return { title, outcome, ways }
  }, [t, either, code, design, surroundings])
}
