import { Agent, request } from 'node:http'
import { type Chance, createChance } from '../src/kernel/index.ts'

/** A call that should not have been answered so. The seed and the number find it again. */
export interface FuzzFault {
  number: number
  call: string
  what: string
}

export interface FuzzReport {
  calls: number
  /** How many answers of each status. */
  statuses: Record<string, number>
  faults: FuzzFault[]
}

export interface FuzzOptions {
  url: string
  /** Bearer token for the record. */
  token: string
  /** Cookie of a signed-in administrator, for the console's API. */
  cookie: string
  seed: number
  milliseconds: number
  workers?: number
  /** Longest that an answer may take, in milliseconds. */
  patience?: number
}

const types = [
  'Patient',
  'Observation',
  'Task',
  'Encounter',
  'Bundle',
  'Parameters',
  'StructureDefinition',
  'Appointment',
]
/** Elements that a type has, so that some of what is sent is well formed. */
const elements: Readonly<Record<string, readonly string[] | undefined>> = {
  Patient: ['active', 'identifier', 'name', 'text', 'meta'],
  Observation: ['status', 'code', 'subject', 'valueQuantity', 'effectiveDateTime', 'identifier'],
  Task: ['status', 'intent', 'for', 'code', 'identifier'],
  Encounter: ['status', 'class', 'subject', 'identifier'],
}
const nasty = [
  '',
  ' ',
  '%00',
  '%',
  '%zz',
  '%ff%fe',
  '..',
  '../..',
  '%2e%2e%2f',
  "'",
  '"',
  '\\',
  ';--',
  '$',
  '$x',
  '{}',
  '[]',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'toString',
  '0',
  '-1',
  '1e309',
  '99999999999999999999',
  'NaN',
  '%F0%9F%92%A9',
  '%EF%BF%BF',
  '%0d%0aX:1',
  '*',
  '|',
  'a|b|c',
  ',',
  '|,|',
  '\\,',
  ':',
  '2026',
  '2026-13',
  '2026-02-30',
  'ge',
  'ap0001',
  'gt9999-12-31',
  '9999999-01-01',
  'T',
  '1/1',
  'urn:uuid:x',
  'x'.repeat(300),
  '%41'.repeat(80),
  '_history',
  '_search',
  '$everything',
  '$validate',
  '$lastn',
  'R4',
  'metadata',
] // prettier-ignore
const parameters = [
  '_id',
  '_lastUpdated',
  '_count',
  '_sort',
  '_total',
  '_summary',
  '_elements',
  '_include',
  '_revinclude',
  '_has',
  '_format',
  '_pretty',
  '_since',
  '_at',
  '_cursor',
  '_type',
  '_filter',
  '_text',
  '_content',
  '_list',
  '_profile',
  '_tag',
  '_security',
  '_source',
  'identifier',
  'name',
  'family',
  'birthdate',
  'status',
  'code',
  'date',
  'patient',
  'subject',
  'owner',
  'value-quantity',
  'code-value-quantity',
  'patient.name',
  'subject:Patient.organization.name',
  '_has:Observation:patient:code',
  'start',
  'end',
  'max',
  'mode',
  'profile',
  'component-value-quantity',
  'period',
  'deceased',
  'address',
  'url',
  'length',
] // prettier-ignore
const modifiers = [
  '',
  '',
  '',
  '',
  ':exact',
  ':contains',
  ':missing',
  ':not',
  ':text',
  ':in',
  ':below',
  ':above',
  ':of-type',
  ':identifier',
  ':iterate',
  ':Patient',
  ':',
  '::',
  ':nonsense',
]
const values = [
  ...nasty,
  'true',
  'false',
  'count',
  'none',
  'accurate',
  '-_lastUpdated,family',
  'Patient:organization',
  'Observation:patient',
  '*',
  'lt5.4|http://unitsofmeasure.org|mg',
  '5.40e-3',
  'http://loinc.org|1-1',
  'Patient/p1',
  'Patient/p1,Patient/p2',
  'Organization?name=x',
  'eq2026-01-01T00:00:00Z',
  '2026-01-01T00:00:00+25:00',
  'WzEsMl0',
  'bnVsbA',
  'name eq "x"',
  'xml',
  'application/fhir+json',
  '0',
  '1',
  '1000',
  '100000',
] // prettier-ignore

class Maker {
  readonly #chance: Chance
  constructor(seed: number) {
    this.#chance = createChance(seed)
  }
  below(count: number): number {
    return this.#chance.below(count)
  }
  pick<T>(list: readonly T[]): T {
    return this.#chance.pick(list)
  }
  chance(share: number): boolean {
    return this.#chance.happens(share)
  }
  id(): string {
    return this.chance(0.93) ? `p${this.below(12)}` : this.pick(nasty)
  }
  type(): string {
    return this.chance(0.93) ? this.pick(types) : this.pick([...nasty, 'Shoe', 'patient'])
  }

  query(): string {
    const given = Array.from({ length: Math.max(0, this.below(5) - 1) }, () => {
      const name = this.chance(0.95) ? this.pick(parameters) : this.pick(nasty)
      return `${name}${this.pick(modifiers)}=${this.pick(values)}`
    })
    return given.length > 0 ? `?${given.join('&')}` : ''
  }

  /** An address of the record, mostly with a method that it has. */
  recordCall(): { method: string; path: string } {
    const [type, id] = [this.type(), this.id()]
    const version = this.pick(['1', '2', ...nasty])
    const odd = [this.pick(nasty), this.pick(nasty)]
    const reads = ['GET', 'GET', 'HEAD']
    const [methods, path] = this.pick<readonly [readonly string[], string]>([
      [['POST', 'POST', 'POST', 'GET'], '/fhir'],
      [['GET'], '/fhir/metadata'],
      [['GET'], '/fhir/_history'],
      [['POST'], '/fhir/_search'],
      [['GET', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE'], `/fhir/${type}`],
      [['GET', 'POST'], `/fhir/${type}`],
      [['POST'], `/fhir/${type}/_search`],
      [['GET'], `/fhir/${type}/_history`],
      [['PUT', 'PUT', 'PUT', 'PUT', 'PATCH', 'PATCH', 'DELETE', ...reads], `/fhir/${type}/${id}`],
      [['PUT', 'PUT', 'PATCH', ...reads], `/fhir/${type}/${id}`],
      [['PUT', ...reads], `/fhir/R4/${type}/${id}`],
      [['GET'], `/fhir/${type}/${id}/_history`],
      [['GET'], `/fhir/${type}/${id}/_history/${version}`],
      [['POST'], `/fhir/${type}/$validate`],
      [['GET', 'POST'], `/fhir/${type}/${id}/$validate`],
      [['GET', 'POST'], `/fhir/Patient/${id}/$everything`],
      [['GET', 'POST'], '/fhir/Observation/$lastn'],
      [['GET', 'POST'], `/fhir/${type}/${id}/$meta`],
      [['POST'], `/fhir/${type}/${id}/$meta-add`],
      [['POST'], `/fhir/${type}/${id}/$meta-delete`],
      [['GET'], `/fhir/${odd.join('/')}`],
      [['GET', 'POST'], `/${odd.join('/')}`],
    ])
    const method = this.pick(this.chance(0.95) ? methods : ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])
    // A plain write carries no parameters, or it would be another interaction.
    const bare = path.split('/').length > 3 && (method === 'PUT' || method === 'PATCH') && this.chance(0.9)
    return { method, path: bare ? path : path + this.query() }
  }

  /** Any JSON value, sometimes deep, sometimes with names that mean something. */
  json(depth = 0): unknown {
    const kind = this.below(depth > 5 ? 6 : 9)
    if (kind === 0) return null
    if (kind === 1) return this.chance(0.5)
    if (kind === 2) return this.pick([0, -1, 1.5, 1e308, 2 ** 53, -0, 1e-7])
    if (kind < 6) return this.pick([...values, '\u0000', '\ud800', 'é', '1.0'])
    if (kind < 7) return Array.from({ length: this.below(4) }, () => this.json(depth + 1))
    const names = [
      'resourceType',
      'id',
      'meta',
      'reference',
      'coding',
      'value',
      'extension',
      'contained',
      'entry',
      '__proto__',
      'name',
      'url',
      '',
      'parameter',
      'part',
    ]
    return Object.fromEntries(Array.from({ length: this.below(5) }, () => [this.pick(names), this.json(depth + 1)]))
  }

  resource(type = this.type(), id = this.id()): Record<string, unknown> {
    const made: Record<string, unknown> = { resourceType: type, id }
    const likely: Record<string, unknown> = {
      ...(type === 'Patient' ? { active: true } : {}),
      status: { Observation: 'final', Task: 'requested', Encounter: 'finished' }[type] ?? 'active',
      intent: 'order',
      code: { text: 'x', coding: [{ system: 'urn:c', code: this.pick(['a', 'b']) }] },
      class: { code: 'AMB' },
      subject: { reference: `Patient/${this.id()}` },
      for: {
        reference: this.pick([
          'Patient/p1',
          'Patient?identifier=urn:m|1',
          'urn:uuid:1',
          '#x',
          'http://x.example/fhir/Patient/1',
        ]),
      },
      identifier: [{ system: 'urn:m', value: String(this.below(9)) }],
      name: [{ family: this.pick(values) }],
      valueQuantity: { value: this.pick([1.5, 0, -3]), system: 'http://unitsofmeasure.org', code: 'mg' },
      effectiveDateTime: this.pick(['2026-01-01', '2026', '2026-01-01T00:00:00Z', 'soon']),
      meta: { profile: ['urn:profile:x'], tag: [{ code: 'x' }], versionId: '7' },
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
    }
    const own = Object.hasOwn(elements, type) ? elements[type] : undefined
    for (const [name, value] of Object.entries(likely))
      if (own?.includes(name) ? this.chance(0.9) : this.chance(0.04)) made[name] = value
    // Something of it is spoilt, or something foreign is put in.
    if (this.chance(0.3)) made[this.pick(Object.keys(made))] = this.json()
    if (this.chance(0.1))
      made[this.pick(['contained', 'extension', 'modifierExtension', '_status', 'nothing'])] = this.json()
    return made
  }

  patch(): unknown {
    if (this.chance(0.5))
      return Array.from({ length: this.below(4) }, () => ({
        op: this.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'x']),
        path: this.pick([
          '/active',
          '/name/0/family',
          '/name/-',
          '',
          '/',
          '/a~2',
          '/__proto__/x',
          '/constructor/prototype',
          '/identifier/99',
          '/id',
        ]),
        from: this.pick(['/name', '/active', '', '/name/0']),
        ...(this.chance(0.8) ? { value: this.json() } : {}),
      }))
    const part = () => ({
      name: this.pick(['type', 'path', 'name', 'value', 'index', 'source', 'destination']),
      [this.pick(['valueString', 'valueCode', 'valueInteger', 'valueHumanName', 'part'])]: this.pick([
        'add',
        'delete',
        'insert',
        'replace',
        'move',
        'Patient',
        'Patient.name',
        "Patient.name.where(use='x')",
        'Patient.name[0].given',
        'birthDate',
        1,
        this.json(),
      ]),
    }) // prettier-ignore
    return {
      resourceType: 'Parameters',
      parameter: Array.from({ length: this.below(3) }, () => ({
        name: 'operation',
        part: Array.from({ length: this.below(6) }, part),
      })),
    }
  }

  bundle(): unknown {
    const entry = () => ({
      ...(this.chance(0.5)
        ? { fullUrl: this.pick(['urn:uuid:1', 'urn:uuid:2', 'http://x.example/fhir/Patient/1', this.pick(values)]) }
        : {}),
      resource: this.chance(0.8)
        ? this.resource()
        : this.pick([
            this.json(),
            this.patch(),
            {
              resourceType: 'Binary',
              contentType: 'application/json-patch+json',
              data: this.pick(['W10=', '!', 'bnVsbA==']),
            },
          ]),
      request: {
        method: this.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'get']),
        url: this.pick([
          this.type(),
          `${this.type()}/${this.id()}`,
          `${this.type()}${this.query()}`,
          this.recordCall().path.replace('/fhir/', ''),
          this.pick(values),
        ]),
        ...(this.chance(0.2) ? { ifNoneExist: this.pick(['identifier=urn:m|1', 'x=y', '', this.pick(values)]) } : {}),
        ...(this.chance(0.1) ? { ifMatch: this.pick(['W/"1"', '1', '*']) } : {}),
      },
    })
    return {
      resourceType: 'Bundle',
      type: this.pick(['batch', 'transaction', 'transaction', 'history', 'x']),
      entry: this.chance(0.95) ? Array.from({ length: this.below(6) }, entry) : this.json(),
    }
  }

  body(path: string, method: string): string {
    const [, , type, id] = path.split(/[/?]/)
    const value =
      path === '/fhir' || path.startsWith('/fhir?') || this.chance(0.05)
        ? this.bundle()
        : method === 'PATCH'
          ? this.patch()
          : this.chance(0.9)
            ? this.resource(type, id)
            : this.resource()
    let text = JSON.stringify(this.chance(0.05) ? this.json() : value) ?? ''
    // Cut off, or one character another one.
    if (this.chance(0.05)) text = text.slice(0, this.below(text.length + 1))
    if (this.chance(0.05)) {
      const at = this.below(text.length + 1)
      text =
        text.slice(0, at) + this.pick(['"', '{', '}', ',', '\\', '\u0000', '\u2028', '1.0', 'e']) + text.slice(at + 1)
    }
    return text
  }

  headers(): Record<string, string> {
    const made: Record<string, string> = {}
    const likely: Record<string, readonly string[]> = {
      prefer: [
        'return=minimal',
        'return=representation',
        'return=OperationOutcome',
        'handling=strict',
        'respond-async',
        ';;',
      ],
      accept: ['application/fhir+json', 'application/fhir+xml', '*/*', ',,;q=', 'text/html'],
      'if-match': ['W/"1"', '"1"', '*', 'W/"99999999999"', ''],
      'if-none-match': ['W/"1"', '*', '"'],
      'if-none-exist': ['identifier=urn:m|1', 'identifier=urn:m%7C1&x=y', '?', ''],
      'if-modified-since': ['Mon, 02 Mar 2026 00:00:00 GMT', 'never'],
      'accept-language': ['fr', 'fr-CA,en;q=0.5', '*'],
      'x-purpose-of-use': ['TREAT', 'x'],
      'content-type': [
        'application/fhir+json',
        'application/json',
        'application/json-patch+json',
        'application/fhir+xml',
        'text/plain',
        'application/x-www-form-urlencoded',
        ';',
        'application/json; charset=utf-16',
      ],
    }
    for (const [name, list] of Object.entries(likely)) if (this.chance(0.12)) made[name] = this.pick(list)
    return made
  }
}

interface Answer {
  status: number
  text: string
}

/** Sends a path as it is, which `fetch` would put in order first. */
function send(
  agent: Agent,
  base: URL,
  call: { method: string; path: string; headers: Record<string, string>; body: string | undefined },
  patience: number,
): Promise<Answer> {
  return new Promise((tell, fail) => {
    const { method, path, headers, body } = call
    const sent = request(
      {
        agent,
        host: base.hostname,
        port: base.port,
        method,
        path,
        timeout: patience,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) },
      }, // prettier-ignore
      (response) => {
        const chunks: Buffer[] = []
        // A stream of events has no end: that it began is the answer.
        if (response.headers['content-type']?.startsWith('text/event-stream')) {
          response.destroy()
          tell({ status: response.statusCode ?? 0, text: '' })
          return
        }
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          tell({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        )
        response.on('error', fail)
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${patience} ms`)))
    sent.on('error', fail)
    sent.end(body)
  })
}

/** Calls that would end the caller's own session or lock it out. */
const spared = /^\/api\/(?:session|setup|accounts?|tokens|sessions|feed|password|passkeys|second-factor)/

async function consolePaths(url: string): Promise<{ method: string; path: string }[]> {
  const { paths } = (await (await fetch(`${url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>
  }
  return Object.entries(paths).flatMap(([path, methods]) =>
    path.startsWith('/fhir') || spared.test(path)
      ? []
      : Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  )
}

/** What is wrong with an answer; undefined when nothing is. */
function judge(path: string, { status, text }: Answer, method: string): string | undefined {
  if (status >= 500) return `answered ${status}: ${text.slice(0, 300)}`
  if (status < 400 || method === 'HEAD' || text === '') return undefined
  try {
    const body = JSON.parse(text) as {
      resourceType?: string
      error?: { code?: string }
      issue?: { expression?: string[] }[]
    }
    const coded = body.resourceType === 'OperationOutcome' || typeof body.error?.code === 'string'
    return coded ? undefined : `answered ${status} without a code`
  } catch {
    // What is no HTTP at all is answered by Node itself.
    return status === 400 || text.startsWith('HTTP')
      ? undefined
      : `answered ${status} with no JSON (${path.slice(0, 60)})`
  }
}

/** Sends random calls to a program that runs, the same for the same seed and one worker, and gathers what it should not have said. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { workers = 4, patience = 20_000 } = options
  const base = new URL(options.url)
  const agent = new Agent({ keepAlive: true, maxSockets: workers * 2 })
  const console = await consolePaths(options.url)
  const report: FuzzReport = { calls: 0, statuses: {}, faults: [] }
  const until = performance.now() + options.milliseconds
  const one = async (worker: number) => {
    const maker = new Maker(options.seed + worker * 7919)
    while (performance.now() < until && report.faults.length < 50) {
      const api = maker.chance(0.2) && console.length > 0
      const chosen = api ? maker.pick(console) : undefined
      const { method, path } = chosen
        ? { method: chosen.method, path: chosen.path.replace(/\{\w+\}/g, () => maker.id()) + maker.query() }
        : maker.recordCall()
      const body =
        method === 'GET' || method === 'HEAD' || (method === 'DELETE' && maker.chance(0.9))
          ? undefined
          : api
            ? JSON.stringify(maker.json())
            : maker.body(path, method)
      const who: Record<string, string> = api
        ? { cookie: options.cookie, 'x-throughline': 'fuzz' }
        : { authorization: maker.chance(0.98) ? `Bearer ${options.token}` : maker.pick(['Bearer x', 'Basic eA==', '']) }
      const headers = {
        ...(body === undefined
          ? {}
          : { 'content-type': method === 'PATCH' ? 'application/json-patch+json' : 'application/fhir+json' }),
        ...maker.headers(),
        ...who,
      }
      // What cannot stand in a request line is written as percent signs, the rest goes out as it is.
      const line = path.replace(/[^\x21-\x7e]/g, (sign) => encodeURIComponent(sign))
      report.calls += 1
      const number = report.calls
      const wrong = await send(agent, base, { method, path: line, headers, body }, patience).then(
        (answer) => {
          report.statuses[answer.status] = (report.statuses[answer.status] ?? 0) + 1
          return judge(line, answer, method)
        },
        (error: unknown) => `failed: ${error instanceof Error ? error.message : String(error)}`,
      )
      if (wrong !== undefined)
        report.faults.push({
          number,
          call: `${method} ${line} ${JSON.stringify(headers).replace(options.token, '…').slice(0, 300)} ${body?.slice(0, 600) ?? ''}`,
          what: wrong,
        })
    }
  }
  await Promise.all(Array.from({ length: workers }, (_none, worker) => one(worker)))
  agent.destroy()
  return report
}
