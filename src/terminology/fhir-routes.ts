import type { CapabilityStatement, Coding, Parameters, Resource, ValueSet } from '@medplum/fhirtypes'
import type { Database, Tx } from '../db/index.ts'
import { type CallContext, type Route, route } from '../kernel/index.ts'
import { needValueSet } from './compile-value-set.ts'
import { refuse } from './errors.ts'
import { expandValueSet } from './expand-value-set.ts'
import { lookUp, subsumes } from './look-up.ts'
import { type Asked, readParameters } from './read-parameters.ts'
import { type LoadedSystem, needSystem } from './systems.ts'
import { translate } from './translate.ts'
import { type AskedCode, type CodeVerdict, validateInSystem, validateInValueSet } from './validate-code.ts'

/** An operation: on a type, and on a resource of it where `instance`. */
interface Operation {
  type: 'CodeSystem' | 'ValueSet' | 'ConceptMap'
  name: string
  summary: string
  instance: boolean
  run(tx: Tx, context: CallContext, asked: Asked, id: string | undefined): Promise<Resource>
}

/** The terminology operations of R4 (http://hl7.org/fhir/R4/terminology-service.html), by GET and POST. */
export function terminologyFhirRoutes({ database }: { database: Database }): Route[] {
  return operations.flatMap(({ type, name, summary, instance, run }) =>
    (instance ? ['', '/:id'] : ['']).flatMap((at) =>
      (['GET', 'POST'] as const).map((method) =>
        route({
          method,
          path: `/fhir/${type}${at}/$${name}`,
          summary,
          access: { permission: 'terminology.read' },
          style: 'fhir',
          audits: { nothing: 'codes and their meanings, and no patient' },
          bodyLimit: 4 * 1024 * 1024,
          handle: (context, request) =>
            database.transaction(context.tenant, async (tx) => {
              const { id } = request.params as { id?: string }
              const body = await run(tx, context, readParameters(request), id)
              return { headers: { 'content-type': 'application/fhir+json; charset=utf-8' }, body: JSON.stringify(body) }
            }),
        }),
      ),
    ),
  )
}

/** The system that a call is about: the resource it is made on, or the one named. */
async function systemOf(tx: Tx, asked: Asked, id: string | undefined, name: string): Promise<LoadedSystem> {
  const coding = asked.coding('coding') ?? asked.coding('codingA')
  if (id === undefined)
    return needSystem(
      tx,
      asked.text(name) ?? coding?.system ?? asked.need(name),
      asked.text('version') ?? coding?.version,
      name,
    )
  const [row] = await tx.query<LoadedSystem>({
    text: 'select id, url, version, title, content from term_system where tenant_id = $1 and resource_id = $2 and ready',
    values: [tx.tenant, id],
  })
  if (!row)
    throw refuse('code-system-unknown', {
      faults: [{ path: 'id', message: 'no code system with concepts has this id' }],
    })
  return row
}

async function valueSetOf(tx: Tx, asked: Asked, id: string | undefined): Promise<ValueSet> {
  const inline = asked.resource('valueSet', 'ValueSet')
  if (inline) return inline
  if (id === undefined) {
    const version = asked.text('valueSetVersion')
    return needValueSet(tx, `${asked.need('url')}${version === undefined ? '' : `|${version}`}`, 'url')
  }
  const [row] = await tx.query<{ content: string }>({
    text: 'select content from term_value_set where tenant_id = $1 and resource_id = $2',
    values: [tx.tenant, id],
  })
  if (!row)
    throw refuse('value-set-unknown', { faults: [{ path: 'id', message: 'no value set with a url has this id' }] })
  return JSON.parse(row.content)
}

/** The codes that are asked about: one, or all of a CodeableConcept, any of which will do. */
function codesOf(asked: Asked, system: string | undefined, versionName: string): AskedCode[] {
  const ofCoding = ({ system: own, version, code, display }: Coding): AskedCode[] =>
    code === undefined ? [] : [{ system: own ?? system, version, code, display }]
  const coding = asked.coding('coding')
  const all = coding ? ofCoding(coding) : (asked.concept('codeableConcept')?.coding ?? []).flatMap(ofCoding)
  if (all.length > 0) return all
  return [{ system, version: asked.text(versionName), code: asked.need('code'), display: asked.text('display') }]
}

async function firstThatHolds(
  codes: readonly AskedCode[],
  check: (code: AskedCode) => Promise<CodeVerdict>,
): Promise<Parameters> {
  const verdicts: CodeVerdict[] = []
  for (const code of codes) {
    const verdict = await check(code)
    verdicts.push(verdict)
    if (verdict.result) break
  }
  const last = verdicts.at(-1)
  const { result = false, display, system, version } = last ?? {}
  const message = result
    ? last?.message
    : verdicts.flatMap((one) => (one.message === undefined ? [] : [one.message])).join('; ')
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'result', valueBoolean: result },
      ...(message === undefined || message === '' ? [] : [{ name: 'message', valueString: message }]),
      ...(display === undefined ? [] : [{ name: 'display', valueString: display }]),
      ...(system === undefined ? [] : [{ name: 'system', valueUri: system }]),
      ...(version === undefined || version === '' ? [] : [{ name: 'version', valueString: version }]),
    ],
  }
}

const operations: readonly Operation[] = [
  {
    type: 'CodeSystem',
    name: 'lookup',
    summary: 'What a code means',
    instance: false,
    async run(tx, _context, asked) {
      const system = await systemOf(tx, asked, undefined, 'system')
      const code = asked.coding('coding')?.code ?? asked.need('code')
      return lookUp(tx, system, code, { language: asked.text('displayLanguage'), properties: asked.texts('property') })
    },
  },
  {
    type: 'CodeSystem',
    name: 'validate-code',
    summary: 'Whether a code system has a code',
    instance: true,
    async run(tx, _context, asked, id) {
      const named = id === undefined ? (asked.text('url') ?? asked.coding('coding')?.system) : undefined
      const url = id === undefined ? (named ?? asked.need('url')) : (await systemOf(tx, asked, id, 'url')).url
      return firstThatHolds(codesOf(asked, url, 'version'), (code) =>
        code.system !== undefined && code.system !== url
          ? Promise.resolve({ result: false, message: `${code.system} is another system than ${url}` })
          : validateInSystem(tx, url, code),
      )
    },
  },
  {
    type: 'CodeSystem',
    name: 'subsumes',
    summary: 'Whether one code is a kind of the other',
    instance: true,
    async run(tx, _context, asked, id) {
      const system = await systemOf(tx, asked, id, 'system')
      const of = (name: 'A' | 'B') => asked.coding(`coding${name}`)?.code ?? asked.need(`code${name}`)
      const outcome = await subsumes(tx, system, of('A'), of('B'))
      return { resourceType: 'Parameters', parameter: [{ name: 'outcome', valueCode: outcome }] }
    },
  },
  {
    type: 'ValueSet',
    name: 'expand',
    summary: 'The codes of a value set',
    instance: true,
    async run(tx, context, asked, id) {
      for (const name of [
        'date',
        'context',
        'contextDirection',
        'exclude-system',
        'system-version',
        'force-system-version',
      ])
        if (asked.texts(name).length > 0)
          throw refuse('parameter-unsupported', { faults: [{ path: name, message: 'is not supported' }] })
      const valueSet = await valueSetOf(tx, asked, id)
      return expandValueSet(tx, context, valueSet, {
        filter: asked.text('filter'),
        offset: asked.whole('offset'),
        count: asked.whole('count'),
        activeOnly: asked.flag('activeOnly'),
        includeDesignations: asked.flag('includeDesignations'),
        excludeNotForUI: asked.flag('excludeNotForUI'),
        displayLanguage: asked.text('displayLanguage'),
      })
    },
  },
  {
    type: 'ValueSet',
    name: 'validate-code',
    summary: 'Whether a value set has a code',
    instance: true,
    async run(tx, _context, asked, id) {
      const valueSet = await valueSetOf(tx, asked, id)
      return firstThatHolds(codesOf(asked, asked.text('system'), 'systemVersion'), (code) =>
        validateInValueSet(tx, valueSet, code),
      )
    },
  },
  {
    type: 'ConceptMap',
    name: 'translate',
    summary: 'The code of another system for a code',
    instance: true,
    async run(tx, _context, asked, id) {
      const codes = codesOf(asked, asked.text('system'), 'version')
      return translate(tx, {
        url: asked.text('url'),
        version: asked.text('conceptMapVersion'),
        resourceId: id,
        source: asked.text('source'),
        target: asked.text('target'),
        targetSystem: asked.text('targetsystem'),
        codings: codes,
        reverse: asked.flag('reverse') ?? false,
      })
    },
  },
]

/** Adds the operations to the statement, each with its definition in R4. */
export const tellTerminology = (statement: CapabilityStatement): CapabilityStatement => ({
  ...statement,
  rest: statement.rest?.map((rest) => ({
    ...rest,
    resource: rest.resource?.map((resource) => {
      const own = operations.filter(({ type }) => type === resource.type)
      if (own.length === 0) return resource
      const told = own.map(({ type, name }) => ({
        name,
        definition: `http://hl7.org/fhir/OperationDefinition/${type}-${name}`,
      }))
      return { ...resource, operation: [...(resource.operation ?? []), ...told] }
    }),
  })),
})
