import type { Resource } from '@medplum/fhirtypes'
import { refuse } from './errors.ts'
import { isId, readMatch } from './interact.ts'
import { type Patch, readPatch } from './patch.ts'
import { isObject } from './search-rows.ts'
import { isKeptType } from './structure.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** What an entry's `request.url` says, relative to the address of /fhir. */
interface Address {
  /** Empty at the level of the system. */
  type: string
  /** Absent on POST, on a search and on a conditional write. */
  id: string | undefined
  history: boolean
  version: string | undefined
  /** `$validate` */
  operation: string | undefined
  query: string
}

/** One entry of a batch or transaction, read and checked as far as it can be without the record. */
export interface BundleEntry extends Address {
  path: string
  method: (typeof methods)[number]
  resource: Resource | undefined
  patch: Patch | undefined
  fullUrl: string | undefined
  ifNoneExist: string | undefined
  ifNoneMatch: string | undefined
  ifModifiedSince: string | undefined
  ifMatch: number | undefined
}

const string = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const wrong = (path: string, message: string) => refuse('bundle-invalid', { faults: [{ path, message }] })
const shape =
  /^(?:([A-Z][A-Za-z]*)(?:\/([A-Za-z0-9.-]{1,64})(?![A-Za-z0-9.-]))?)?(?:\/?(_history)(?:\/([^/?]+))?|\/?_search|\/?(\$[a-z-]+))?\/?(?:\?(.*))?$/s

function readAddress(url: unknown, path: string, base: string): Address {
  const absolute = string(url) ?? ''
  const relative = withoutBase(absolute, base) ?? absolute.replace(/^\//, '')
  const match = shape.exec(relative)
  const [, type = '', id, history, version, operation, query = ''] = match ?? []
  if (!match || relative === '' || (type !== '' && !isKeptType(type)) || (type === '' && !history && !operation))
    throw wrong(path, 'is not the address of a resource, a type or an operation here')
  return { type, id, history: history !== undefined, version, operation, query }
}

/** An absolute address of this server without its base; `/R4` after the base is the same place. */
export function withoutBase(url: string, base: string): string | undefined {
  if (!url.startsWith(`${base}/`)) return undefined
  return url.slice(base.length + 1).replace(/^R4\//, '')
}

function checkBody(entry: Record<string, unknown>, method: BundleEntry['method'], at: Address, path: string): void {
  const resource = entry['resource']
  if (method === 'POST' || method === 'PUT') {
    if (!isObject(resource)) throw wrong(`${path}.resource`, 'is required')
    if (resource['resourceType'] !== at.type && at.operation === undefined)
      throw wrong(`${path}.resource.resourceType`, `is not ${at.type}`)
  }
  if (method === 'PUT' && isObject(resource) && at.id !== undefined && resource['id'] !== at.id)
    throw wrong(`${path}.resource.id`, 'is not the id of the address')
}

export function readEntry(entry: unknown, path: string, base: string): BundleEntry {
  const request = isObject(entry) ? entry['request'] : undefined
  if (!isObject(entry) || !isObject(request)) throw wrong(`${path}.request`, 'is required')
  const method = methods.find((one) => one === request['method'])
  if (method === undefined) throw wrong(`${path}.request.method`, `is not one of ${methods.join(', ')}`)
  const at = readAddress(request['url'], `${path}.request.url`, base)
  const writes = method !== 'GET' && method !== 'HEAD'
  if (writes && at.operation === undefined) {
    if (at.type === '' || at.history) throw wrong(`${path}.request.url`, 'cannot be written to')
    if (method === 'POST' && at.id !== undefined) throw wrong(`${path}.request.url`, 'names an id, and POST has none')
    if (method !== 'POST' && at.id === undefined && at.query === '')
      throw wrong(`${path}.request.url`, 'needs an id or a condition')
    if (method !== 'POST' && at.id !== undefined && !isId(at.id)) throw wrong(`${path}.request.url`, 'needs a FHIR id')
  }
  checkBody(entry, method, at, path)
  const resource = entry['resource']
  return {
    ...at,
    path,
    method,
    fullUrl: string(entry['fullUrl']),
    resource: isObject(resource) ? (resource as unknown as Resource) : undefined,
    patch: method === 'PATCH' ? readPatch(resource, `${path}.resource`) : undefined,
    ifNoneExist: string(request['ifNoneExist']),
    ifNoneMatch: string(request['ifNoneMatch']),
    ifModifiedSince: string(request['ifModifiedSince']),
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
