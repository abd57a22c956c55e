import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type {
  AllGlass,
  ConsentList,
  GlassReasons,
  MyGlass,
  PolicyVersion,
  PolicyVersions,
  WhyAccess,
} from '../../src/contracts/index.ts'
import { get, withQuery } from './call.ts'

export const policiesQuery = queryOptions({
  queryKey: ['policies'],
  queryFn: () => get<PolicyVersions>('/api/access/policies'),
})
export const policyQuery = (version: number) =>
  queryOptions({
    queryKey: ['policies', version],
    queryFn: () => get<PolicyVersion>(`/api/access/policies/${version}`),
  })
/** `account` undefined: of oneself. */
export const whyAccessQuery = (resource: string, account: string | undefined) =>
  queryOptions({
    queryKey: ['why-access', resource, account],
    queryFn: () => get<WhyAccess>(withQuery('/api/access/why', { resource, account })),
    staleTime: 0,
  })
export const consentsQuery = (patient: string) =>
  queryOptions({
    queryKey: ['consents', patient],
    queryFn: () => get<ConsentList>(withQuery('/api/access/consents', { patient })),
  })
export const glassReasonsQuery = queryOptions({
  queryKey: ['glass', 'reasons'],
  queryFn: () => get<GlassReasons>('/api/access/break-glass/reasons'),
  staleTime: 300_000,
})
/** It ends by itself on the server: looked at again while the page is open. */
export const myGlassQuery = queryOptions({
  queryKey: ['glass', 'mine'],
  queryFn: () => get<MyGlass>('/api/access/break-glass'),
  refetchInterval: 60_000,
})
export const allGlassQuery = infiniteQueryOptions({
  queryKey: ['glass', 'all'],
  queryFn: ({ pageParam }) => get<AllGlass>(withQuery('/api/access/break-glass/all', { after: pageParam })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last: AllGlass) => last.next ?? undefined,
})
