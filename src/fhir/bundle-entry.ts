import type { Resource } from '@medplum/fhirtypes'
import { refuse } from './errors.ts'
import { isId, readMatch } from './interact.ts'
import { isObject } from './search-rows.ts'
import { isResourceType } from './structure.ts'

/** One entry of a batch or transaction, read and checked as far as it can be without the record. */
export interface BundleEntry {
  path: string
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  type: string
  /** Absent on POST and on a search. */
  id: string | undefined
  version: string | undefined
  query: string
  resource: Resource | undefined
  fullUrl: string | undefined
  ifNoneExist: string | undefined
  ifNoneMatch: string | undefined
  ifMatch: number | undefined
}

const string = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const wrong = (path: string, message: string) => refuse('bundle-invalid', { faults: [{ path, message }] })

export function readEntry(entry: unknown, path: string): BundleEntry {
  const request = isObject(entry) ? entry['request'] : undefined
  if (!isObject(entry) || !isObject(request)) throw wrong(`${path}.request`, 'is required')
  const method = request['method']
  const url = string(request['url'])
  if (method !== 'GET' && method !== 'POST' && method !== 'PUT' && method !== 'DELETE')
    throw wrong(`${path}.request.method`, 'is not GET, POST, PUT or DELETE')
  const match = /^\/?([A-Za-z]+)(?:\/([^/?]+))?(?:\/_history\/([^/?]+))?(?:\?(.*))?$/s.exec(url ?? '')
  const [, type = '', id, version, query = ''] = match ?? []
  if (!match || !isResourceType(type))
    throw wrong(`${path}.request.url`, 'is not the address of a resource or of a type')
  const resource = entry['resource']
  if (method === 'POST' || method === 'PUT') {
    if (!isObject(resource)) throw wrong(`${path}.resource`, 'is required')
    if (resource['resourceType'] !== type) throw wrong(`${path}.resource.resourceType`, `is not ${type}`)
  }
  if (method === 'POST' && id !== undefined) throw wrong(`${path}.request.url`, 'names an id, and POST has none')
  if ((method === 'PUT' || method === 'DELETE') && (id === undefined || !isId(id)))
    throw wrong(`${path}.request.url`, 'needs a FHIR id: conditional updates and deletes are not supported')
  if (method === 'PUT' && isObject(resource) && resource['id'] !== id)
    throw wrong(`${path}.resource.id`, 'is not the id of the address')
  return {
    path,
    method,
    type,
    id,
    version,
    query,
    fullUrl: string(entry['fullUrl']),
    resource: isObject(resource) ? (resource as unknown as Resource) : undefined,
    ifNoneExist: string(request['ifNoneExist']),
    ifNoneMatch: string(request['ifNoneMatch']),
    ifMatch: readMatch(string(request['ifMatch'])),
  }
}

export function readEntries(bundle: unknown): { type: 'batch' | 'transaction'; entries: unknown[] } {
  if (!isObject(bundle) || bundle['resourceType'] !== 'Bundle')
    throw refuse('resource-unreadable', { faults: [{ path: 'Bundle', message: 'is expected here' }] })
  const type = bundle['type']
  if (type !== 'batch' && type !== 'transaction') throw wrong('Bundle.type', 'is neither batch nor transaction')
  const entries = bundle['entry'] ?? []
  if (!Array.isArray(entries)) throw wrong('Bundle.entry', 'is not a list')
  return { type, entries }
}
