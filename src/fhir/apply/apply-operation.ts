import type { ActivityDefinition, PlanDefinition, Resource } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import { readExact, writeExact } from '../../kernel/index.ts'
import type { Answer } from '../answer.ts'
import { refuse } from '../errors.ts'
import { readSeen, type Sight, shown, sightOf } from '../guard.ts'
import { patientsOf, type RecordDeps } from '../interact.ts'
import type { OperationCall } from '../operations.ts'
import { readMade } from '../made.ts'
import { parametersOf, partOf } from '../parameters.ts'
import { parseSearch } from '../parse-search.ts'
import { optionsOf } from '../search-bundle.ts'
import { isObject, type Json } from '../search-rows.ts'
import { runSearch } from '../search.ts'
import { isResourceType } from '../structure.ts'
import { findFaults } from '../validate.ts'
import { requestOf, soundRequest } from './apply-activity.ts'
import { applyPlan } from './apply-plan.ts'
import type { Applicable, ApplyContext } from './context.ts'
import { Issues } from './issues.ts'

const wrong = (path: string, message: string) => refuse('operation-invalid', { faults: [{ path, message }] })

const listOf = (body: unknown): readonly Json[] => {
  const list = isObject(body) && body['resourceType'] === 'Parameters' ? body['parameter'] : undefined
  return Array.isArray(list) ? list.filter(isObject) : []
}

/** `Type/id` of a parameter, given as text or as a Reference. */
function referenceParameter(call: OperationCall, query: URLSearchParams, name: string): string | undefined {
  const references = listOf(call.body).flatMap((one) =>
    one['name'] === name && isObject(one['valueReference']) ? [String(one['valueReference']['reference'])] : [],
  )
  const given = [...query.getAll(name), ...references]
  if (given.length > 1) throw wrong(name, 'may be given once only')
  const [text] = given
  if (text === undefined) return undefined
  const [type = '', id = '', ...more] = text.split('/')
  if (!isResourceType(type) || !/^[A-Za-z0-9.-]{1,64}$/.test(id) || more.length > 0) throw wrong(name, 'is not Type/id')
  return text
}

/** The caller's own parameters (`parameters`, a Parameters resource), as `%name`s of expressions; several of one name are a list. */
function ownParameters(call: OperationCall): Record<string, unknown> {
  const given = listOf(call.body).find(({ name }) => name === 'parameters')?.['resource']
  const values: Record<string, unknown> = {}
  for (const one of listOf(given)) {
    const name = one['name']
    if (typeof name !== 'string' || !/^[A-Za-z]\w{0,63}$/.test(name))
      throw wrong('parameters', 'has a parameter without a name')
    const key = Object.keys(one).find((each) => each.startsWith('value') || each === 'resource')
    if (key === undefined) throw wrong(`parameters.${name}`, 'has no value')
    values[name] = one[key]
  }
  return values
}

class Reading {
  readonly #deps: RecordDeps
  readonly #tx: Tx
  readonly #sight: Sight | undefined
  readonly #now: number
  readonly #known = new Map<string, Applicable | undefined>()
  readonly contents: string[] = []

  constructor(deps: RecordDeps, tx: Tx, sight: Sight | undefined, now: number) {
    this.#deps = deps
    this.#tx = tx
    this.#sight = sight
    this.#now = now
  }

  /** A resource as the caller is shown it; what they may not see is not there. */
  async read(reference: string, path: string): Promise<Resource & { id: string }> {
    const [type = '', id = ''] = reference.split('/')
    const found = await readSeen(this.#tx, this.#sight, 'read', type, id)
    const made = found ? undefined : await readMade(this.#deps, this.#tx, this.#sight, type, id)
    const content = found?.seen ? found.stored.content : (made?.content ?? null)
    if (content === null)
      throw refuse('resource-not-found', { faults: [{ path, message: `${reference} does not exist` }] })
    this.contents.push(content)
    return readExact(shown(this.#sight, type, content)) as Resource & { id: string }
  }

  async #made(type: string, url: string, version: string | undefined): Promise<{ content: string }[]> {
    const made = this.#deps.made?.find((one) => one.type === type)
    const asked = { url: [url], ...(version === undefined ? {} : { version: [version] }) }
    return made?.by.includes('url') ? made.find(this.#tx, this.#sight, 'search', asked, 1) : []
  }

  /** The newest definition of this canonical that the caller may find. */
  async resolve(canonical: string): Promise<Applicable | undefined> {
    if (this.#known.has(canonical)) return this.#known.get(canonical)
    let found: Applicable | undefined
    const [url = '', version] = canonical.split('|')
    for (const type of ['ActivityDefinition', 'PlanDefinition', 'Questionnaire'] as const) {
      const query = new URLSearchParams({ url: url.replace(/[\\,$|]/g, '\\$&'), _sort: '-_lastUpdated', _count: '1' })
      if (version !== undefined) query.set('version', version)
      const page = await runSearch(this.#tx, parseSearch(type, query), this.#now, optionsOf(this.#deps, this.#sight))
      const [match] = page.matches.length > 0 ? page.matches : await this.#made(type, url, version)
      if (match) found = readExact(shown(this.#sight, type, match.content)) as Applicable
      if (found) break
    }
    this.#known.set(canonical, found)
    return found
  }
}

/** The definition to apply: by its address, or at the type's level by canonical or as it is sent. */
async function definitionOf(
  call: OperationCall,
  query: URLSearchParams,
  reading: Reading,
): Promise<PlanDefinition | ActivityDefinition> {
  const { type, id } = call
  if (id !== undefined)
    return (await reading.read(`${type}/${id}`, `${type}/${id}`)) as PlanDefinition | ActivityDefinition
  const name = type === 'PlanDefinition' ? 'planDefinition' : 'activityDefinition'
  const sent = partOf(call.body, name)
  if (sent) {
    if (sent['resourceType'] !== type) throw wrong(name, `is not ${type}`)
    const faults = findFaults(sent)
    if (faults.length > 0) throw refuse('resource-invalid', { faults })
    return sent as unknown as PlanDefinition | ActivityDefinition
  }
  const url = query.get('canonical') ?? query.get('url')
  if (url === null) throw wrong(name, 'or url is required')
  const version = query.get('version')
  const found = await reading.resolve(version === null ? url : `${url}|${version}`)
  if (found?.resourceType !== type)
    throw refuse('resource-not-found', { faults: [{ path: 'url', message: `names no ${type} that is here` }] })
  return found as PlanDefinition | ActivityDefinition
}

const subjects: Readonly<Record<string, readonly string[]>> = { PlanDefinition: ['Patient', 'Group'] }

/**
 * `PlanDefinition/$apply` and `ActivityDefinition/$apply` (FHIR R4; `url`, `version` and `parameters` as CPG on FHIR has
 * them), of a type and of an instance. Answers the CarePlan or the request; nothing is stored. Reads no more than the caller
 * may see. What could not be told is in the answer's contained OperationOutcome.
 */
export async function applyOperation(deps: RecordDeps, tx: Tx, call: OperationCall): Promise<Answer> {
  const { context, type } = call
  const query = parametersOf(call.query, call.body)
  const now = context.clock.now()
  const reading = new Reading(deps, tx, await sightOf(deps, tx, context), now)
  const reference = (name: string) => referenceParameter(call, query, name)
  const subject = reference('subject')
  if (subject === undefined) throw wrong('subject', 'is required')
  const allowed = subjects[type]
  if (allowed && !allowed.includes(subject.split('/')[0] ?? ''))
    throw wrong('subject', `is not a ${allowed.join(' or a ')}: a CarePlan is of no other`)
  const definition = await definitionOf(call, query, reading)
  const [encounter, practitioner, organization] = [
    reference('encounter'),
    reference('practitioner'),
    reference('organization'),
  ]
  const variables: Record<string, unknown> = ownParameters(call)
  const patient = await reading.read(subject, 'subject')
  if (encounter !== undefined) variables['encounter'] = await reading.read(encounter, 'encounter')
  if (practitioner !== undefined) variables['practitioner'] = await reading.read(practitioner, 'practitioner')
  if (organization !== undefined) variables['organization'] = await reading.read(organization, 'organization')
  const applying: ApplyContext = {
    subject: patient,
    encounter,
    practitioner,
    organization,
    variables,
    now,
    issues: new Issues(),
    resolve: (canonical) => reading.resolve(canonical),
  }
  const result =
    definition.resourceType === 'PlanDefinition'
      ? await applyPlan(definition, applying)
      : applyActivity(definition, applying)
  await deps.audit(tx, context, {
    action: 'E',
    interaction: 'apply',
    entities: [
      ...(definition.id === undefined ? [] : [`${type}/${definition.id}`]),
      ...[subject, encounter, practitioner, organization].filter((one) => one !== undefined),
    ],
    ...patientsOf(reading.contents),
  })
  return { status: 200, content: writeExact(result) }
}

/** An activity by itself: its request, or a refusal that says why there is none. */
function applyActivity(activity: ActivityDefinition, context: ApplyContext): Resource {
  const request = requestOf(activity, context, 'ActivityDefinition', {
    id: 'request',
    intent: activity.intent ?? 'proposal',
  })
  const sound = request && soundRequest(request, context, 'ActivityDefinition')
  const told = context.issues.told()
  if (!sound)
    throw refuse('apply-refused', {
      faults: (told?.outcome.issue ?? []).map(({ expression, diagnostics, details }) => {
        const path = expression?.[0] ?? 'ActivityDefinition'
        const code = details?.coding?.[0]?.code
        return { path, message: (diagnostics ?? '').slice(path.length + 1), ...(code === undefined ? {} : { code }) }
      }),
    })
  const { id: _id, ...rest } = sound as Resource & { contained?: Resource[] }
  return (told ? { ...rest, contained: [told.outcome], extension: [told.extension] } : rest) as Resource
}
