import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Resource } from '@medplum/fhirtypes'
import { readExact } from '../kernel/index.ts'
import { refuse } from './errors.ts'
import { isId } from './interact.ts'
import { readPackage } from './read-package.ts'
import { isObject } from './search-rows.ts'

const unzip = promisify(gunzip)

/** One resource of a file, with the id that every import of it gives it. */
export interface ImportEntry {
  /** Where in the file: `Bundle.entry[3].resource`, `line 7`. */
  path: string
  resource: Resource & { id: string }
  fullUrl: string | undefined
  ifNoneExist: string | undefined
}

/** Synthea's hospitals and practitioners, which its patients refer to. */
export const isReferredTo = (file: string): boolean => /(^|\/)(hospital|practitioner)Information/.test(file)

/** The files below a path: those that end in json or ndjson, packed or not, and FHIR packages (tgz). */
export async function listFiles(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const names = await readdir(path, { recursive: true })
  return names
    .filter((name) => /\.(?:(?:json|ndjson)(?:\.gz)?|tgz)$/.test(name))
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((name) => join(path, name))
}

/** The same resource has the same id in every import: its urn:uuid, else its own id, else one made from its content. */
function importId(resource: Record<string, unknown>, fullUrl: string | undefined, url: string | undefined): string {
  const put = /^[A-Z][A-Za-z]+\/([A-Za-z0-9.-]{1,64})$/.exec(url ?? '')?.[1]
  if (put !== undefined) return put
  const urn = /^urn:(?:uuid|oid):(.+)$/.exec(fullUrl ?? '')?.[1]
  if (urn !== undefined && isId(urn)) return urn
  const own = resource['id']
  if (urn === undefined && typeof own === 'string' && isId(own)) return own
  return createHash('sha256')
    .update(urn ?? JSON.stringify(resource))
    .digest('hex')
    .slice(0, 32)
}

function readOne(value: unknown, path: string, fullUrl?: unknown, request?: unknown): ImportEntry {
  if (!isObject(value) || typeof value['resourceType'] !== 'string')
    throw refuse('import-unreadable', { faults: [{ path, message: 'is not a resource' }] })
  const asked = isObject(request) ? request : {}
  const text = (one: unknown) => (typeof one === 'string' ? one : undefined)
  const id = importId(value, text(fullUrl), asked['method'] === 'PUT' ? text(asked['url']) : undefined)
  return {
    path,
    resource: { ...value, id } as unknown as ImportEntry['resource'],
    fullUrl: text(fullUrl),
    ifNoneExist: text(asked['ifNoneExist']),
  }
}

function parse(text: string, path: string): unknown {
  try {
    return readExact(text)
  } catch (cause) {
    throw refuse('import-unreadable', { cause, faults: [{ path, message: 'is not JSON' }] })
  }
}

export const isNdjson = (file: string): boolean => /\.ndjson(\.gz)?$/.test(file)

/** One line of NDJSON. `line` counts from 1. */
export const readLine = (text: string, line: number): ImportEntry =>
  readOne(parse(text, `line ${line}`), `line ${line}`)

/** Reads a bundle of any type, a single resource or a FHIR package; gzip is told by its first bytes. */
export async function readImportFile(file: string): Promise<ImportEntry[]> {
  const bytes = await readFile(file)
  const unpacked = bytes[0] === 0x1f && bytes[1] === 0x8b ? await unzip(bytes) : bytes
  if (file.endsWith('.tgz')) return [...readPackage(unpacked)].map(([name, one]) => readOne(parse(one, name), name))
  const text = unpacked.toString('utf8')
  const whole = parse(text, 'file')
  if (!isObject(whole) || whole['resourceType'] !== 'Bundle') return [readOne(whole, 'resource')]
  const entries = whole['entry'] ?? []
  if (!Array.isArray(entries))
    throw refuse('import-unreadable', { faults: [{ path: 'Bundle.entry', message: 'is not a list' }] })
  return entries.flatMap((entry: unknown, index) => {
    if (isObject(entry) && isObject(entry['request']) && entry['request']['method'] === 'DELETE') return []
    if (!isObject(entry))
      throw refuse('import-unreadable', { faults: [{ path: `Bundle.entry[${index}]`, message: 'is not an object' }] })
    return [readOne(entry['resource'], `Bundle.entry[${index}].resource`, entry['fullUrl'], entry['request'])]
  })
}
