import { useMemo } from 'react'
import { compile, runScenarios, type ScenariosReport } from '../../src/pathways/index.ts'
import type { Designer } from './design-context.ts'

/** How the draft's scenarios come out as it stands; undefined while they are not looked at, or the draft cannot be played. */
export function useReport({ definition, surroundings, work }: Designer, shown: boolean): ScenariosReport | undefined {
  return useMemo(() => {
    if (!shown || !definition) return undefined
    const { pathway } = compile(definition, 1, surroundings.table)
    return runScenarios(pathway, work.scenarios, surroundings.calendar)
  }, [shown, definition, work.scenarios, surroundings])
}
