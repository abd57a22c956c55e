import type { Bundle, CapabilityStatement, Resource } from '@medplum/fhirtypes'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { getFhir, searchFhir } from './call.ts'

export const capabilityQuery = queryOptions({
  queryKey: ['capability'],
  queryFn: () => getFhir<CapabilityStatement>('metadata'),
  staleTime: Number.POSITIVE_INFINITY,
})

export const recordSearchQuery = (type: string, form: URLSearchParams) =>
  infiniteQueryOptions({
    queryKey: ['record', 'search', type, form.toString()],
    queryFn: ({ pageParam }) => searchFhir<Bundle>(type, new URLSearchParams(pageParam)),
    initialPageParam: form.toString(),
    // The link to the next page holds what was searched for: its parameters are sent as a form again.
    getNextPageParam: (last: Bundle) => {
      const url = last.link?.find((link) => link.relation === 'next')?.url
      return url === undefined ? undefined : url.slice(url.indexOf('?') + 1)
    },
    placeholderData: keepPreviousData,
  })

const path = (...parts: string[]) => parts.map(encodeURIComponent).join('/')

export const resourceQuery = (type: string, id: string) =>
  queryOptions({
    queryKey: ['record', 'resource', type, id],
    queryFn: () => getFhir<Resource>(path(type, id)),
  })

export const historyQuery = (type: string, id: string) =>
  infiniteQueryOptions({
    queryKey: ['record', 'history', type, id],
    queryFn: ({ pageParam }) => getFhir<Bundle>(`${path(type, id)}/_history?${pageParam}`),
    initialPageParam: '_count=50',
    getNextPageParam: (last: Bundle) => {
      const url = last.link?.find((link) => link.relation === 'next')?.url
      return url === undefined ? undefined : url.slice(url.indexOf('?') + 1)
    },
  })

/** Many of one type by their ids, in one question. */
export const manyQuery = (type: string, ids: readonly string[]) =>
  queryOptions({
    queryKey: ['record', 'many', type, ids],
    queryFn: () => searchFhir<Bundle>(type, new URLSearchParams({ _id: ids.join(','), _count: '200' })),
    staleTime: 60_000,
    enabled: ids.length > 0,
  })
