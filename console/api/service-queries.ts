import { queryOptions } from '@tanstack/react-query'
import type {
  ServiceChoices,
  ServiceDetail,
  ServiceList,
  ServiceOffered,
  ServiceOrders,
  ServicesOffered,
} from '../../src/contracts/index.ts'
import { get, withQuery } from './call.ts'

const id = encodeURIComponent

export const servicesQuery = queryOptions({ queryKey: ['services'], queryFn: () => get<ServiceList>('/api/services') })
export const serviceChoicesQuery = queryOptions({
  queryKey: ['service-choices'],
  queryFn: () => get<ServiceChoices>('/api/services/choices'),
})
export const serviceQuery = (service: string, version: number | undefined) =>
  queryOptions({
    queryKey: ['services', service, version ?? 0],
    queryFn: () => get<ServiceDetail>(withQuery(`/api/services/${id(service)}`, { version: version?.toString() })),
  })
export const serviceOfferedQuery = (service: string, version: number) =>
  queryOptions({
    queryKey: ['services', service, version, 'offered'],
    queryFn: () => get<ServiceOffered>(withQuery(`/api/services/${id(service)}/offered`, { version: String(version) })),
  })
export const servicesOfferedQuery = (jurisdiction: string) =>
  queryOptions({
    queryKey: ['services', 'offered', jurisdiction],
    queryFn: () => get<ServicesOffered>(withQuery('/api/services/offered', { jurisdiction })),
  })
/** For a patient (id); one service alone, or all of the menu. */
export const serviceOrdersQuery = (patient: string, service?: string) =>
  queryOptions({
    queryKey: ['service-orders', patient, service ?? ''],
    queryFn: () => get<ServiceOrders>(withQuery('/api/services/orders', { patient, service })),
  })
