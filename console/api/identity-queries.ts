import { queryOptions } from '@tanstack/react-query'
import type {
  ApplicationList,
  ClientList,
  MyAccount,
  ProviderList,
  SessionList,
  SignInPolicy,
  SigningKeyList,
  SignInWays,
} from '../../src/contracts/index.ts'
import { get, withQuery } from './call.ts'

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
export const myAccountQuery = queryOptions({ queryKey: ['account'], queryFn: () => get<MyAccount>('/api/account') })
/** What the sign-in page may offer, in the organisation named or the only one. */
export const signInWaysQuery = (tenant: string) =>
  queryOptions({
    queryKey: ['sign-in-ways', tenant],
    queryFn: () => get<SignInWays>(withQuery('/api/session/ways', { tenant })),
    staleTime: 300_000,
  })
