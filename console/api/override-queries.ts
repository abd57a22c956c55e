import { queryOptions } from '@tanstack/react-query'
import type { OverrideList, OverrideSummary } from '../../src/contracts/index.ts'
import { get, withQuery } from './call.ts'

/** The first word of a key is the feed's topic that makes it old. */
export const overridesQuery = (days: number) =>
  queryOptions({
    queryKey: ['work', 'overrides', days],
    queryFn: () => get<OverrideSummary>(withQuery('/api/overrides', { days: String(days) })),
  })
type Group = OverrideSummary['items'][number]
export const overrideListQuery = (days: number, { kind, pathway, version, step }: Group) =>
  queryOptions({
    queryKey: ['work', 'overrides', days, kind, pathway, version, step],
    queryFn: () =>
      get<OverrideList>(
        withQuery('/api/overrides/list', {
          days: String(days),
          kind,
          pathway: pathway ?? undefined,
          version: version?.toString(),
          step: step ?? undefined,
        }),
      ),
  })
