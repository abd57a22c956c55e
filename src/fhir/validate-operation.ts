import type { OperationOutcomeIssue } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { type Fault, readExact } from '../kernel/index.ts'
import type { Answer } from './answer.ts'
import { checkProfile } from './check-profile.ts'
import { refuse } from './errors.ts'
import { isId, readOne, type RecordDeps } from './interact.ts'
import type { OperationCall } from './operations.ts'
import { parametersOf, partOf } from './parameters.ts'
import { loadProfiles, recordSource } from './profile-library.ts'
import { isObject, type Json } from './search-rows.ts'
import { examine } from './validate.ts'

const modes = ['create', 'update', 'delete', 'profile'] as const

const issue = (severity: 'error' | 'warning', { path, code, message }: Fault): OperationOutcomeIssue => ({
  severity,
  code:
    code === 'code-invalid' ||
    code === 'not-supported' ||
    code === 'invariant' ||
    code === 'required' ||
    code === 'value'
      ? code
      : 'structure',
  diagnostics: `${path} ${message}`,
  expression: [path],
})

/** What stands against a write in this mode, beside what the resource itself is. */
async function againstMode(
  deps: RecordDeps,
  tx: Tx,
  { context, type, id }: OperationCall,
  mode: string,
  resource: Json | undefined,
): Promise<Fault[]> {
  if (mode === 'delete' && id !== undefined) await readOne(deps, tx, context, type, id)
  if (mode !== 'update') return []
  const own = resource?.['id']
  if (typeof own !== 'string' || !isId(own))
    return [{ path: `${type}.id`, code: 'required', message: 'is required for an update' }]
  if (id !== undefined && own !== id)
    return [{ path: `${type}.id`, code: 'value', message: 'is not the id of the address' }]
  return []
}

/**
 * `$validate` (FHIR R4): the base rules, the invariants, the profiles that are asked for or that `meta.profile` claims.
 * Answers 200 with an OperationOutcome whatever it finds: a resource that cannot be stored is a finding, not a failure.
 */
export async function validateOperation(deps: RecordDeps, tx: Tx, call: OperationCall): Promise<Answer> {
  const { type, id, context } = call
  const query = parametersOf(call.query, call.body)
  const mode = query.get('mode') ?? ''
  if (mode !== '' && !modes.some((one) => one === mode))
    throw refuse('operation-invalid', { faults: [{ path: 'mode', message: `is not one of ${modes.join(', ')}` }] })
  let resource = partOf(call.body, 'resource')
  if (!resource && id !== undefined && mode !== 'delete') {
    const { content } = await readOne(deps, tx, context, type, id)
    resource = content === undefined ? undefined : (readExact(content) as Json)
  }
  if (!resource && mode !== 'delete')
    throw refuse('operation-invalid', { faults: [{ path: 'resource', message: 'is required' }] })
  const faults = await againstMode(deps, tx, call, mode, resource)
  const warnings: Fault[] = []
  if (resource) {
    if (resource['resourceType'] !== type)
      faults.push({ path: 'resourceType', code: 'value', message: `is not ${type}` })
    const found = examine(resource)
    faults.push(...found.faults)
    warnings.push(...found.warnings)
    const asked = query.getAll('profile')
    const meta = resource['meta']
    const claims: unknown = isObject(meta) ? meta['profile'] : undefined
    const profiles = asked.length > 0 ? asked : Array.isArray(claims) ? claims.map(String) : []
    // Against what is not even FHIR, a profile has nothing to say.
    if (profiles.length > 0 && found.faults.length === 0) {
      const known = await loadProfiles(recordSource(tx, deps.expander), profiles).catch((error: unknown) => {
        // A profile that the resource only claims may be unknown here; one that was asked for may not.
        if (asked.length > 0) throw error
        warnings.push({
          path: `${type}.meta.profile`,
          code: 'not-supported',
          message: 'names a profile that is not here',
        })
        return undefined
      })
      for (const profile of known?.asked ?? []) {
        const more = checkProfile(resource, profile, known?.library ?? { profiles: new Map(), valueSets: new Map() })
        faults.push(...more.faults)
        warnings.push(...more.warnings)
      }
    }
  }
  await deps.audit(tx, context, {
    action: 'E',
    interaction: 'validate',
    entities: id === undefined ? [] : [`${type}/${id}`],
  })
  const issues = [...faults.map((fault) => issue('error', fault)), ...warnings.map((fault) => issue('warning', fault))]
  const fine: OperationOutcomeIssue = {
    severity: 'information',
    code: 'informational',
    diagnostics: 'No faults were found.',
  }
  return {
    status: 200,
    content: JSON.stringify({
      resourceType: 'OperationOutcome',
      issue: faults.length > 0 ? issues : [...issues, fine],
    }),
  }
}
