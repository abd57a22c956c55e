import { type ScopeAct, scopesFor } from '../kernel/index.ts'
import type { Caller } from './caller.ts'
import type { Condition } from './condition.ts'
import { type Asking, type Provision, wordOf } from './consent-shape.ts'
import { purposeCodes, type RelationKind, type Rule, type Use } from './policy.ts'

/** Adds a value to a statement and gives its place in the text, cast to the named PostgreSQL type. */
export type Bind = (value: unknown, type: string) => string

/** What a condition is about: a resource of a type by the SQL of its id, or a patient's record by the SQL of its reference. */
export interface Target {
  type: string
  id: string
  /** `Patient/…` as SQL, where a row of another table names the patient: spares the look into the subjects. */
  patient?: string
}

/** What other rooms tell as SQL. Each may throw: the rule that asked refuses then. */
export interface Tellers {
  /** Relationships that another room keeps: does the caller stand so to this patient (SQL of `Patient/…`)? */
  relations: Partial<Record<RelationKind, (patient: string, caller: Caller, bind: Bind) => string>>
  /** Is a resource coded with one of these `system|code`? Undefined for a type that has no codes to look at. */
  coded(target: Target, codes: readonly string[], bind: Bind): string | undefined
  /** Does its clinical date fall into a period? `undated` is answered for one without a date. */
  dated(
    target: Target,
    period: { from: number | null; to: number | null; undated: boolean },
    bind: Bind,
  ): string | undefined
  /** Does it match these search parameters, those of a SMART scope? */
  matches(target: Target, query: string, now: number, bind: Bind): string
  /** Whether resources of this type are ever in a patient's record. */
  inPatientRecord(type: string): boolean
}

type DenyRule = Extract<Rule, { effect: 'deny' }>

/** One reason for or against. A resource may be used where some reason for holds and none against. */
export interface Term {
  effect: 'permit' | 'deny'
  /** The rule's name in the policy, or a word of the house: `consent`, `consent-silent`, `break-glass`, `smart-scope`, `facts-missing`. */
  rule: string
  sql: string
}

/** A rule that cannot be asked refuses; one that never holds is left out. */
function termOf(effect: Term['effect'], rule: string, make: () => string): Term[] {
  let sql: string
  try {
    sql = make()
  } catch {
    sql = effect === 'deny' ? 'true' : 'false'
  }
  return sql === 'false' ? [] : [{ effect, rule, sql }]
}

const memos = new WeakMap<Bind, Map<string, string>>()

/** The same value is bound once a statement: the text stays short, and its plan can be kept. */
function once(bind: Bind): Bind {
  const memo = memos.get(bind) ?? new Map<string, string>()
  memos.set(bind, memo)
  return (value, type) => {
    const key = `${type} ${JSON.stringify(value)}`
    const place = memo.get(key) ?? bind(value, type)
    memo.set(key, place)
    return place
  }
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
const or = (parts: readonly string[]) =>
  parts.includes('true') ? 'true' : parts.filter((one) => one !== 'false').join(' or ') || 'false'
const both = (...parts: string[]) =>
  parts.includes('false') ? 'false' : parts.filter((one) => one !== 'true').join(' and ') || 'true'
const negated = (sql: string) => (sql === 'true' ? 'false' : sql === 'false' ? 'true' : `not (${sql})`)

/** SMART's letter for a use. Versions of one resource are read; whoever goes through many of them searches. */
const letters: Readonly<Record<Use, ScopeAct>> = {
  read: 'r',
  history: 'r',
  search: 's',
  export: 's',
  create: 'c',
  update: 'u',
  delete: 'd',
}

/** http://terminology.hl7.org/CodeSystem/consentaction */
function actionsOf(use: Use, kind: Caller['kind']): string[] {
  if (use === 'create') return ['collect']
  if (use === 'update' || use === 'delete') return ['correct']
  return ['access', 'use', ...(use === 'export' || kind === 'client' ? ['disclose'] : [])]
}

/** A patient's own instructions, and the record of who looked, are not closed by what the instructions say. */
const beyondConsent = new Set(['Consent', 'AuditEvent'])

/** The reasons for and against one caller's use of resources of one type, as SQL that is asked of each. */
export class Compiler {
  readonly #caller: Caller
  readonly #tellers: Tellers
  readonly #target: Target
  readonly #use: Use
  readonly #values: { value: unknown; type: string }[] = []
  readonly #tenant: string
  readonly #given: Asking | undefined

  constructor(options: { caller: Caller; tellers: Tellers; target: Target; use: Use; asking?: Asking }) {
    this.#given = options.asking
    this.#caller = options.caller
    this.#tellers = options.tellers
    this.#target = options.target
    this.#use = options.use
    this.#tenant = this.#bind(options.caller.tenant, 'text')
  }

  /** A mark for a value. It is bound when the text is written: PostgreSQL refuses a value that the text does not use. */
  readonly #bind: Bind = (value, type) => `\u0001${this.#values.push({ value, type }) - 1}\u0002`

  /** SQL of terms with its values bound into a statement. */
  write(sql: string, bind: Bind): string {
    const place = once(bind)
    // oxlint-disable-next-line no-control-regex -- the marks are characters that no SQL of ours holds
    return sql.replace(/\u0001(\d+)\u0002/g, (_mark, at: string) => {
      const bound = this.#values[Number(at)]
      if (!bound) throw new TypeError('a mark without a value')
      return place(bound.value, bound.type)
    })
  }

  terms(): Term[] {
    const { policy } = this.#caller
    const terms: Term[] = []
    const add = (effect: Term['effect'], rule: string, make: () => string) => terms.push(...termOf(effect, rule, make))
    if (!this.#caller.built) add('deny', 'facts-missing', () => 'true')
    if (!policy) return terms
    for (const rule of policy.rules) {
      if (rule.effect === 'hide' || !this.#aimedAt(rule)) continue
      if (rule.effect === 'permit') add('permit', rule.rule, () => this.#permit(rule))
      else if (this.#closes(rule)) add('deny', rule.rule, () => this.#deny(rule))
    }
    if (this.#lifting()) add('permit', 'break-glass', () => this.#reaches((patient) => this.#opened(patient)))
    for (const term of this.consentTerms()) terms.push(term)
    if (this.#caller.scopes) add('deny', 'smart-scope', () => negated(this.#scoped()))
    return terms
  }

  /**
   * All terms as one condition, put together so that an ordinary resource costs three short looks: has it a label that a
   * rule closes, has its patient one, has its patient signed anything? Only then are the rules asked in full. A reason
   * against that can be told neither true nor false counts as one.
   */
  condition(): string {
    const parts = this.#parts()
    if (!parts) return 'false'
    const { permits, always, rare, perhaps } = parts
    return both(
      permits === 'true' || permits === 'false' ? permits : `(${permits})`,
      always === 'false' ? 'true' : always === 'true' ? 'false' : `(${always}) is false`,
      rare === 'false' || perhaps === 'false' ? 'true' : `case when ${perhaps} then (${rare}) is false else true end`,
    )
  }

  /**
   * A short condition that implies the whole one: true where nothing can speak against. For one resource it is cheaper to
   * ask this first than to have PostgreSQL plan everything. Undefined where it would hold for nothing.
   */
  surely(): string | undefined {
    const parts = this.#parts()
    if (parts?.permits !== 'true' || parts.always !== 'false') return undefined
    return parts.rare === 'false' || parts.perhaps === 'false' ? 'true' : `(${parts.perhaps}) is false`
  }

  #parts(): { permits: string; always: string; rare: string; perhaps: string } | undefined {
    const { policy, built } = this.#caller
    if (!policy || !built) return undefined
    const terms = this.terms()
    const sql = (some: readonly Term[]) =>
      or(some.map((one) => `(${one.sql})`).map((one) => (one === '(true)' ? 'true' : one)))
    const permits = sql(terms.filter((one) => one.effect === 'permit'))
    const closing = policy.rules.filter((rule): rule is DenyRule => rule.effect === 'deny' && this.#closes(rule))
    const labelling = closing.filter((rule) => rule.labels)
    const merged = [
      ...Map.groupBy(labelling, ({ relations, unless, 'break-glass': glass }) =>
        JSON.stringify([relations, unless?.relations, glass]),
      ).values(),
    ].flatMap(([first, ...others]) =>
      first ? [{ ...first, labels: [first, ...others].flatMap((rule) => rule.labels ?? []) }] : [],
    )
    const guarded = [...new Set(labelling.flatMap((rule) => rule.labels ?? []))]
    const consents = terms.filter((one) => one.rule === 'consent')
    const rare = sql([...merged.flatMap((rule) => termOf('deny', rule.rule, () => this.#deny(rule))), ...consents])
    const named = new Set([...labelling.map((rule) => rule.rule), 'consent'])
    const always = sql(terms.filter((one) => one.effect === 'deny' && !named.has(one.rule)))
    const perhaps = or([
      ...(guarded.length > 0 && this.#target.patient === undefined
        ? [this.#label(guarded, quoted(this.#target.type), this.#target.id)]
        : []),
      this.#subjects((patient) =>
        or([
          ...(guarded.length > 0 ? [this.#label(guarded, `''`, patient)] : []),
          ...(consents.length > 0
            ? [
                `exists (select from access_consent acc_c where acc_c.tenant_id = ${this.#tenant} and acc_c.patient = ${patient} offset 0)`,
              ]
            : []),
        ]),
      ),
    ])
    return { permits, always, rare, perhaps }
  }

  #closes(rule: DenyRule): boolean {
    return this.#aimedAt(rule) && !this.#caller.roles.some((role) => rule.unless?.roles?.includes(role))
  }

  /** What the patients' consents have against it; without them, what nobody has agreed to. */
  consentTerms(): Term[] {
    const presumed = this.#caller.policy?.consent.presumed ?? []
    if (beyondConsent.has(this.#target.type)) return []
    return [
      ...termOf('deny', 'consent', () => this.#refused()),
      // Whoever takes a history has the patient before them; what is written down there they may ask.
      ...(presumed.includes(this.#caller.purpose) || this.#use === 'create'
        ? []
        : termOf('deny', 'consent-silent', () => this.#silent())),
    ]
  }

  #aimedAt(rule: Exclude<Rule, { effect: 'hide' }>): boolean {
    if (rule.interactions && !rule.interactions.includes(this.#use)) return false
    return aimed(rule, this.#caller, this.#target.type)
  }

  #permit(rule: Extract<Rule, { effect: 'permit' }>): string {
    const kinds = rule.relations
    return kinds ? this.#reaches((patient) => this.#related(kinds, patient)) : 'true'
  }

  #deny(rule: DenyRule): string {
    const { labels, relations, unless } = rule
    const closed = both(
      labels ? this.#labelled(labels) : 'true',
      relations ? this.#subjects((patient) => this.#related(relations, patient)) : 'true',
    )
    const kinds = unless?.relations
    const spares = (patient: string) =>
      or([
        ...(kinds ? [this.#related(kinds, patient)] : []),
        ...(rule['break-glass'] === 'opens' && this.#lifting() ? [this.#opened(patient)] : []),
      ])
    if (closed === 'false' || spares('') === 'false') return closed
    // Spared is what concerns patients, and none to whom the caller does not stand so.
    return both(closed, negated(this.#every(spares)))
  }

  /** Versions that are no more are about the patients they had, and carry the labels they had. */
  get #former(): boolean {
    return this.#use === 'history'
  }

  /** Some patient of the resource meets a condition that speaks against; of any version, where versions are asked for. */
  #subjects(condition: (patient: string) => string): string {
    return this.#rows(condition, this.#former ? '' : ' and not acc_s.former')
  }

  /** Some patient of the resource meets a condition that speaks for, and of former patients, where versions are asked for, all. */
  #reaches(condition: (patient: string) => string): string {
    const now = this.#rows(condition, ' and not acc_s.former')
    return this.#former
      ? both(now, negated(this.#rows((patient) => negated(condition(patient)), ' and acc_s.former')))
      : now
  }

  /** There are patients, and every one of them meets the condition. */
  #every(condition: (patient: string) => string): string {
    if (this.#target.patient !== undefined) return condition(this.#target.patient)
    return `coalesce((select bool_and(${condition('acc_s.patient')}) ${this.#subjectsOf(this.#former ? '' : ' and not acc_s.former')}), false)`
  }

  #subjectsOf(which: string): string {
    const { type, id } = this.#target
    return `from access_subject acc_s where acc_s.tenant_id = ${this.#tenant} and acc_s.type = ${quoted(type)} and acc_s.id = ${id}${which}`
  }

  #rows(condition: (patient: string) => string, which: string): string {
    const { patient } = this.#target
    if (patient !== undefined) return which === ' and acc_s.former' ? 'false' : condition(patient)
    const met = condition('acc_s.patient')
    if (met === 'false') return 'false'
    return `exists (select ${this.#subjectsOf(which)}${met === 'true' ? '' : ` and (${met})`} offset 0)`
  }

  #label(labels: readonly string[], type: string, id: string): string {
    return `exists (select from access_label acc_l where acc_l.tenant_id = ${this.#tenant} and acc_l.type = ${type} and acc_l.id = ${id} and acc_l.label = any (${this.#bind(labels, 'text[]')})${this.#former ? '' : ' and not acc_l.former'} offset 0)`
  }

  #labelled(labels: readonly string[]): string {
    const ofPatient = this.#subjects((patient) => this.#label(labels, `''`, patient))
    return this.#target.patient === undefined
      ? `(${or([this.#label(labels, quoted(this.#target.type), this.#target.id), ofPatient])})`
      : ofPatient
  }

  #related(kinds: readonly RelationKind[], patient: string): string {
    const { who, now, kin } = this.#caller
    const at = () => this.#bind(now, 'timestamptz')
    const stored = kinds.filter(
      (kind) => kind !== 'family' && (kin || kind !== 'self') && !(kind in this.#tellers.relations),
    )
    const mine = () => this.#bind(who, 'text[]')
    const row = (alias: string, kind: string) =>
      `${alias}.tenant_id = ${this.#tenant} and ${alias}.kind = ${kind} and (${alias}.until is null or ${alias}.until > ${at()})`
    const parts = kinds.flatMap((kind) => {
      const told = this.#tellers.relations[kind]
      return told ? [told(patient, this.#caller, this.#bind)] : []
    })
    if (who.length > 0 && stored.length > 0)
      parts.push(
        `exists (select from access_relation acc_n where ${row('acc_n', `any (${this.#bind(stored, 'text[]')})`)} and acc_n.who = any (${mine()}) and acc_n.patient = ${patient} offset 0)`,
      )
    if (kin && kinds.includes('family'))
      parts.push(
        `exists (select from access_relation acc_n join access_relation acc_m on acc_m.who = acc_n.patient where ${row('acc_n', `'kin'`)} and acc_n.who = any (${mine()}) and ${row('acc_m', `'related'`)} and acc_m.patient = ${patient} offset 0)`,
      )
    return parts.length > 1 ? `(${or(parts)})` : or(parts)
  }

  /** Whether breaking the glass counts for this use at all. */
  #lifting(): boolean {
    const glass = this.#caller.policy?.['break-glass']
    return (
      this.#caller.glass.length > 0 &&
      glass !== undefined &&
      glass.interactions.some((one) => one === this.#use) &&
      this.#caller.roles.some((role) => glass.roles.includes(role))
    )
  }

  #opened(patient: string): string {
    return `${patient} = any (${this.#bind(this.#caller.glass, 'text[]')})`
  }

  #asking(purposes: readonly string[]): Asking {
    if (this.#given) return this.#given
    const { who, kind, now } = this.#caller
    return { who, purposes, actions: actionsOf(this.#use, kind), now: now.getTime() }
  }

  /** A consent in force of this patient that meets `says`; `unread`: what counts for one written after the shapes were read. */
  #consented(patient: string, says: (provision: Provision) => Condition, unread: boolean): string {
    const { shapes, now } = this.#caller
    const groups = new Map<string, { condition: Condition; names: string[] }>()
    for (const [name, provision] of shapes.provisions) {
      const condition = says(provision)
      const key = JSON.stringify(condition)
      const group = groups.get(key) ?? { condition, names: [] }
      group.names.push(name)
      groups.set(key, group)
    }
    const met = or([
      ...[...groups.values()].map(({ condition, names }) =>
        both(this.#render(condition), `acc_c.shape = any (${this.#bind(names, 'text[]')})`),
      ),
      ...(unread ? [`acc_c.shape <> all (${this.#bind([...shapes.provisions.keys()], 'text[]')})`] : []),
    ])
    if (met === 'false') return 'false'
    const at = this.#bind(now, 'timestamptz')
    return `exists (select from access_consent acc_c where acc_c.tenant_id = ${this.#tenant} and acc_c.patient = ${patient} and (acc_c.starts is null or acc_c.starts <= ${at}) and (acc_c.ends is null or acc_c.ends > ${at}) and (${met}) offset 0)`
  }

  #refused(): string {
    const { purpose } = this.#caller
    const refusing = (purposes: readonly string[], absolute: boolean) => (patient: string) =>
      this.#consented(
        patient,
        (provision) => wordOf(provision, this.#target.type, this.#asking(purposes), absolute).refuses,
        true,
      )
    const usual = refusing(purposeSet(purpose), false)
    if (!this.#lifting()) return this.#subjects(usual)
    const absolute = refusing(purposeSet('emergency'), true)
    return this.#subjects(
      (patient) => `case when ${this.#opened(patient)} then ${absolute(patient)} else ${usual(patient)} end`,
    )
  }

  #silent(): string {
    const asking = this.#asking(purposeSet(this.#caller.purpose))
    return this.#subjects((patient) =>
      both(
        negated(this.#consented(patient, (provision) => wordOf(provision, this.#target.type, asking).permits, false)),
        this.#lifting() ? negated(this.#opened(patient)) : 'true',
      ),
    )
  }

  #render(condition: Condition): string {
    if (typeof condition === 'boolean') return String(condition)
    if ('all' in condition) return both(...condition.all.map((one) => this.#render(one)))
    if ('any' in condition) return `(${or(condition.any.map((one) => this.#render(one)))})`
    if ('not' in condition) return negated(this.#render(condition.not))
    if ('labels' in condition) return this.#labelled(condition.labels)
    if (this.#target.patient !== undefined && !('resources' in condition))
      return String('codes' in condition ? condition.otherwise : condition.undated)
    if ('codes' in condition)
      return this.#tellers.coded(this.#target, condition.codes, this.#bind) ?? String(condition.otherwise)
    if ('resources' in condition)
      return this.#target.patient !== undefined
        ? `${this.#target.patient} = any (${this.#bind(condition.resources, 'text[]')})`
        : `(${quoted(`${this.#target.type}/`)} || ${this.#target.id}) = any (${this.#bind(condition.resources, 'text[]')})`
    return this.#tellers.dated(this.#target, condition, this.#bind) ?? String(condition.undated)
  }

  #scoped(): string {
    const { scopes = [], launched } = this.#caller
    const { type } = this.#target
    return or(
      scopesFor(scopes, type, letters[this.#use]).map(({ level, query }) => {
        const reached =
          level !== 'patient' || !this.#tellers.inPatientRecord(type)
            ? 'true'
            : launched === undefined
              ? 'false'
              : this.#reaches((patient) => `${patient} = ${this.#bind(launched, 'text')}`)
        return both(
          reached,
          query === undefined
            ? 'true'
            : this.#tellers.matches(this.#target, query, this.#caller.now.getTime(), this.#bind),
        )
      }),
    )
  }
}

/** Emergencies are treatment too: what is agreed or refused for treatment counts for them. */
const purposeSet = (purpose: Caller['purpose']): string[] =>
  purpose === 'emergency' ? ['ETREAT', 'BTG', 'TREAT'] : [purposeCodes[purpose]]

/** Whether a rule is about this caller and type at all. */
export function aimed(
  rule: Pick<Rule, 'roles' | 'actors' | 'purposes' | 'types'>,
  caller: Pick<Caller, 'roles' | 'kind' | 'purpose'>,
  type: string,
): boolean {
  return (
    (!rule.roles || rule.roles.some((role) => caller.roles.includes(role))) &&
    (!rule.actors || rule.actors.includes(caller.kind)) &&
    (!rule.purposes || rule.purposes.includes(caller.purpose)) &&
    (!rule.types || rule.types.includes(type))
  )
}
