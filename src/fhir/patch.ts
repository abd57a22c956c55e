import type { Resource } from '@medplum/fhirtypes'
import { noteDigits, readExact } from '../kernel/index.ts'
import { refuse } from './errors.ts'
import { fhirPathPatch } from './fhirpath-patch.ts'
import { jsonPatch } from './json-patch.ts'
import { isObject, type Json } from './search-rows.ts'

/** A patch that has been read but not carried out: JSON Patch is a list, FHIRPath Patch a Parameters. */
export type Patch = readonly unknown[] | Json

const wrong = (path: string, message: string) => refuse('patch-invalid', { faults: [{ path, message }] })

/** The body of a PATCH, or the resource of a bundle's entry: there a JSON Patch comes packed into a Binary. */
export function readPatch(body: unknown, path: string): Patch {
  if (Array.isArray(body)) return body
  if (!isObject(body)) throw wrong(path, 'is neither a JSON Patch nor a FHIRPath Patch')
  if (body['resourceType'] === 'Parameters') return body
  if (body['resourceType'] !== 'Binary') throw wrong(path, 'is neither a JSON Patch nor a FHIRPath Patch')
  if (body['contentType'] !== 'application/json-patch+json')
    throw wrong(`${path}.contentType`, 'is not application/json-patch+json')
  let packed: unknown
  try {
    packed = readExact(Buffer.from(String(body['data'] ?? ''), 'base64').toString('utf8'))
  } catch (cause) {
    throw refuse('patch-invalid', { cause, faults: [{ path: `${path}.data`, message: 'is not JSON' }] })
  }
  if (!Array.isArray(packed)) throw wrong(`${path}.data`, 'is not a list of operations')
  return packed
}

/** The resource as a patch makes it, to be validated like any other; `content` is its JSON as stored. */
export function applyPatch(content: string, patch: Patch): Resource & { id: string } {
  const before = readExact(content) as Json
  const after: Json = Array.isArray(patch) ? jsonPatch(before, patch) : before
  if (!Array.isArray(patch)) fhirPathPatch(after, patch as Json)
  for (const name of ['resourceType', 'id']) {
    // Read anew: FHIRPath Patch changes in place.
    const was = (JSON.parse(content) as Json)[name]
    if (after[name] !== was) throw refuse('patch-failed', { faults: [{ path: name, message: 'may not be changed' }] })
  }
  noteDigits(after)
  return after as unknown as Resource & { id: string }
}
