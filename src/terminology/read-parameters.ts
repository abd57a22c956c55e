import type { CodeableConcept, Coding, Parameters, Resource } from '@medplum/fhirtypes'
import type { RouteRequest } from '../kernel/index.ts'
import { refuse } from './errors.ts'

/** What an operation is asked with: of a GET its query, of a POST a Parameters resource, and the query too. */
export interface Asked {
  text(name: string): string | undefined
  /** Refuses when it is missing. */
  need(name: string): string
  texts(name: string): string[]
  flag(name: string): boolean | undefined
  whole(name: string): number | undefined
  coding(name: string): Coding | undefined
  concept(name: string): CodeableConcept | undefined
  resource<T extends Resource['resourceType']>(
    name: string,
    type: T,
  ): Extract<Resource, { resourceType: T }> | undefined
}

export function readParameters(request: RouteRequest<unknown, unknown, unknown>): Asked {
  const mark = request.url.indexOf('?')
  const query = new URLSearchParams(mark < 0 ? '' : request.url.slice(mark + 1))
  const { body } = request
  const isParameters =
    typeof body === 'object' && body !== null && 'resourceType' in body && body.resourceType === 'Parameters'
  if (body !== undefined && body !== null && !isParameters)
    throw refuse('parameter-invalid', { faults: [{ path: 'resourceType', message: 'is not Parameters' }] })
  const given = isParameters ? ((body as Parameters).parameter ?? []) : []
  if (!Array.isArray(given))
    throw refuse('parameter-invalid', { faults: [{ path: 'parameter', message: 'is not a list' }] })
  const invalid = (path: string, message: string) => refuse('parameter-invalid', { faults: [{ path, message }] })
  const texts = (name: string): string[] => [
    ...query.getAll(name),
    ...given
      .filter((one) => one?.name === name)
      .flatMap((one): string[] => {
        const value = Object.entries(one).find(([key]) => key.startsWith('value'))?.[1] as unknown
        return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
          ? [String(value)]
          : []
      }),
  ]
  const text = (name: string): string | undefined => {
    const all = texts(name)
    if (all.length > 1) throw invalid(name, 'is given more than once')
    return all[0] === '' ? undefined : all[0]
  }
  const valued = (name: string, key: 'valueCoding' | 'valueCodeableConcept'): unknown => {
    const value = given.find((one) => one?.name === name)?.[key] as unknown
    if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value)))
      throw invalid(name, `is no ${key.slice(5)}`)
    return value
  }
  return {
    text,
    texts,
    need(name) {
      const value = text(name)
      if (value === undefined) throw refuse('parameter-missing', { faults: [{ path: name, message: 'is required' }] })
      return value
    },
    flag(name) {
      const value = text(name)
      if (value !== undefined && value !== 'true' && value !== 'false') throw invalid(name, 'is not true or false')
      return value === undefined ? undefined : value === 'true'
    },
    whole(name) {
      const value = text(name)
      if (value !== undefined && !/^\d{1,9}$/.test(value)) throw invalid(name, 'is not a whole number')
      return value === undefined ? undefined : Number(value)
    },
    coding: (name) => valued(name, 'valueCoding') as Coding | undefined,
    concept: (name) => valued(name, 'valueCodeableConcept') as CodeableConcept | undefined,
    resource(name, type) {
      const resource = given.find((one) => one?.name === name)?.resource
      if (resource === undefined) return undefined
      if (resource.resourceType !== type) throw invalid(name, `is no ${type}`)
      return resource as Extract<Resource, { resourceType: typeof type }>
    },
  }
}
