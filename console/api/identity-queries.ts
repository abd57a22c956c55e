import { queryOptions } from '@tanstack/react-query'
import type {
  ApplicationList,
  ClientList,
  ProviderList,
  SessionList,
  SignInPolicy,
  SigningKeyList,
} from '../../src/contracts/index.ts'
import { get } from './call.ts'

/** `everybody`: for administrators; else one's own. */
export const sessionsQuery = (everybody: boolean) =>
  queryOptions({
    queryKey: ['sessions', everybody],
    queryFn: () => get<SessionList>(everybody ? '/api/sessions/all' : '/api/sessions'),
  })
export const applicationsQuery = (everybody: boolean) =>
  queryOptions({
    queryKey: ['applications', everybody],
    queryFn: () => get<ApplicationList>(everybody ? '/api/applications/all' : '/api/applications'),
  })
export const clientsQuery = queryOptions({ queryKey: ['clients'], queryFn: () => get<ClientList>('/api/clients') })
export const keysQuery = queryOptions({ queryKey: ['keys'], queryFn: () => get<SigningKeyList>('/api/keys') })
export const providersQuery = queryOptions({
  queryKey: ['providers'],
  queryFn: () => get<ProviderList>('/api/providers'),
})
export const signInPolicyQuery = queryOptions({
  queryKey: ['sign-in-policy'],
  queryFn: () => get<SignInPolicy>('/api/sign-in-policy'),
})
