import type {
  Coding,
  QuestionnaireItemEnableWhen,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  Resource,
} from '@medplum/fhirtypes'
import type { FhirPathProgram } from '../expressions/index.ts'
import { answerFaults, type FormFault, rowFaults, shapeFault } from './check-answers.ts'
import { conditionHolds } from './condition.ts'
import { Scope } from './scope.ts'
import { scoreOf, weighted, withoutWeights } from './weights.ts'
import { type Form, type FormItem, type FormOption, type FormVariable, optionOf } from './form.ts'
import { keyOf, pathOf, readSheet, type Sheet, type SheetNode } from './sheet.ts'
import { type Answer, answerFrom, sameAnswer, valueOf } from './values.ts'

/** What a form is filled in with, besides the answers. */
export interface FillContext {
  /** Milliseconds: what `today()` says, in the given IANA zone. */
  now: number
  zone: string
  /** What the form's launch contexts name: `patient`, `encounter`, `user`. */
  launch?: Readonly<Record<string, Resource>>
  /** Codes of the value sets that the form names, as far as somebody has expanded them. */
  codes?: Readonly<Record<string, readonly Coding[] | undefined>>
  /** Whether a value set has a code; undefined when nobody here can tell. Asked where `codes` has no list. */
  isMember?: (valueSet: string, coding: Coding) => boolean | undefined
}

/** One item as it stands now. */
export interface FilledNode {
  key: string
  /** FHIRPath of the item in the response. */
  path: string
  item: FormItem
  /** Whether it is asked. What is not asked counts as not answered. */
  enabled: boolean
  /** Whether a computation gives its answer, which nobody types then. */
  computed: boolean
  answers: readonly Answer[]
  options: readonly FormOption[]
  faults: FormFault[]
  rows: FilledNode[][]
}

export interface Filled {
  nodes: FilledNode[]
  /** Items and answers as they belong into a QuestionnaireResponse: what is asked only, computed answers put in. */
  items: QuestionnaireResponseItem[]
  faults: FormFault[]
  /** By linkId: the sum of what its answers count for. Questions without weights are left out. */
  scores: Readonly<Record<string, number>>
}

/** Steps of all expressions of one filling together. */
const mostSteps = 400_000
/** A chain of questions and computations longer than this settles no more. */
const mostRounds = 24

/**
 * A form with the answers given so far: what is asked, what is computed, what is wrong. Pure. Questions that are not
 * asked keep their answers in the sheet, and count as not answered everywhere else.
 */
export function fill(form: Form, sheet: Sheet, context: FillContext): Filled {
  return new Filling(form, sheet, context).settle()
}

/** The same of a response that came from elsewhere, which must also have the form's shape and answer nothing unasked. */
export function checkResponse(form: Form, response: QuestionnaireResponse, context: FillContext): Filled {
  const { sheet, faults } = readSheet(form, response)
  const filled = fill(form, sheet, context)
  const unasked: FormFault[] = []
  const look = (nodes: readonly FilledNode[], given: Sheet) => {
    for (const [index, node] of nodes.entries()) {
      const own = given[index]
      if (!own) continue
      if (!node.enabled && hasAnswers([own])) unasked.push(faultOf('not-asked', node))
      else if (node.enabled) {
        const differs = own.answers.length > 0 && !sameAnswers(own.answers, node.answers)
        if (node.computed && differs) unasked.push(faultOf('computed-otherwise', node))
        for (const [row, below] of node.rows.entries()) look(below, own.rows[row] ?? [])
      }
    }
  }
  look(filled.nodes, sheet)
  return { ...filled, faults: [...faults.map(shapeFault), ...unasked, ...filled.faults] }
}

const faultOf = (code: 'not-asked' | 'computed-otherwise', node: FilledNode): FormFault => ({
  code,
  path: node.path,
  linkId: node.item.linkId,
  detail: {},
})

/** A form as it is begun: with its initial answers. */
export function begin(form: Form, context: FillContext): Sheet {
  return new Filling(form, [], context).begin(form.items)
}

const hasAnswers = (sheet: Sheet): boolean =>
  sheet.some((node) => node.answers.length > 0 || node.rows.some((row) => hasAnswers(row)))

const sameAnswers = (a: readonly Answer[], b: readonly Answer[]): boolean =>
  a.length === b.length && a.every((one, index) => sameAnswer(one, b[index] ?? {}))

type Environment = Readonly<Record<string, readonly unknown[]>>

class Filling {
  readonly #form: Form
  readonly #sheet: Sheet
  readonly #context: FillContext
  readonly #budget = { steps: mostSteps }
  /** By key, from the last round. */
  #off = new Set<string>()
  #computed = new Map<string, readonly Answer[]>()
  #broken: FormFault[] = []

  constructor(form: Form, sheet: Sheet, context: FillContext) {
    this.#form = form
    this.#sheet = sheet
    this.#context = context
  }

  settle(): Filled {
    let nodes: FilledNode[] = []
    let items: QuestionnaireResponseItem[] = []
    for (let round = 0; ; round += 1) {
      items = this.#write(this.#form.items, this.#sheet, '', 0)
      const off = new Set<string>()
      const computed = new Map<string, readonly Answer[]>()
      this.#broken = []
      const around = this.#environment(items)
      const scope = new Scope(undefined, this.#form.items, this.#sheet, '', 0)
      nodes = this.#walk(scope, items, around, 'QuestionnaireResponse', true, { off, computed })
      const settled = sameSet(off, this.#off) && sameComputed(computed, this.#computed)
      this.#off = off
      this.#computed = computed
      if (settled) break
      if (round === mostRounds) {
        this.#broken.push({ code: 'unsettled', path: 'QuestionnaireResponse', linkId: '', detail: {} })
        break
      }
    }
    const faults = [...this.#broken, ...this.#constraintFaults(items)]
    const scores: Record<string, number> = {}
    const gather = (node: FilledNode) => {
      if (!node.enabled) return
      faults.push(...node.faults)
      const score = scoreOf(node.item, node.answers)
      if (score !== undefined) scores[node.item.linkId] = (scores[node.item.linkId] ?? 0) + score
      for (const row of node.rows) row.forEach(gather)
    }
    nodes.forEach(gather)
    return { nodes, items: withoutWeights(items), faults, scores }
  }

  begin(items: readonly FormItem[]): Sheet {
    const around = this.#environment([])
    const one = (item: FormItem): SheetNode => {
      const given = item.initial
        ? this.#run(item.initial, [this.#response([])], around, 'QuestionnaireResponse', item.linkId).flatMap(
            (value) => answerFrom(item.source, value) ?? [],
          )
        : [
            ...(item.source.initial ?? []).flatMap((initial) => {
              const value = valueOf(initial)
              return value ? [{ [value.name]: value.value }] : []
            }),
            ...item.options.flatMap((option) => (option.initial ? [option.answer] : [])),
          ]
      const answers = item.type === 'group' || item.type === 'display' ? [] : item.repeats ? given : given.slice(0, 1)
      const rows =
        item.items.length === 0 ? [] : Array.from({ length: Math.max(1, answers.length) }, () => item.items.map(one))
      return { linkId: item.linkId, answers, rows }
    }
    return items.map(one)
  }

  #response(items: QuestionnaireResponseItem[]): QuestionnaireResponse {
    return {
      resourceType: 'QuestionnaireResponse',
      status: 'in-progress',
      questionnaire: this.#form.canonical,
      item: items,
    }
  }

  #environment(items: QuestionnaireResponseItem[]): Environment {
    const response = this.#response(items)
    const launch = Object.entries(this.#context.launch ?? {}).map(([name, resource]) => [name, [resource]] as const)
    const given: Environment = {
      ...Object.fromEntries(launch),
      resource: [response],
      rootResource: [response],
      questionnaire: [this.#form.questionnaire],
      ucum: ['http://unitsofmeasure.org'],
      sct: ['http://snomed.info/sct'],
      loinc: ['http://loinc.org'],
    }
    return this.#withVariables(this.#form.variables, given, [response], 'QuestionnaireResponse', '')
  }

  #withVariables(
    variables: readonly FormVariable[],
    around: Environment,
    focus: readonly unknown[],
    path: string,
    linkId: string,
  ): Environment {
    let environment = around
    for (const { name, program } of variables)
      environment = { ...environment, [name]: this.#run(program, focus, environment, path, linkId) }
    return environment
  }

  #run(
    program: FhirPathProgram,
    focus: readonly unknown[],
    environment: Environment,
    path: string,
    linkId: string,
  ): unknown[] {
    const { now, zone } = this.#context
    const found = program.run({
      focus,
      environment: { ...environment, context: focus },
      now,
      zone,
      budget: this.#budget,
    })
    if (found.ok) return found.values.map(({ value }) => value)
    this.#broken.push({ code: 'expression-failed', path, linkId, detail: { message: found.message } })
    return []
  }

  /** The items of a response as of the last round. Codings carry what they count for, so that expressions can ask. */
  #write(items: readonly FormItem[], sheet: Sheet, above: string, row: number): QuestionnaireResponseItem[] {
    return items.flatMap((item, place): QuestionnaireResponseItem[] => {
      const key = keyOf(above, row, place)
      const node = sheet[place]
      if (!node || this.#off.has(key) || item.type === 'display') return []
      const { linkId } = item
      const text = item.source.text === undefined ? {} : { text: item.source.text }
      const rows = node.rows.map((below, index) => this.#write(item.items, below, key, index))
      if (item.type === 'group')
        return rows.flatMap((below) => (below.length === 0 ? [] : [{ linkId, ...text, item: below }]))
      const answers = this.#computed.get(key) ?? node.answers
      const answer = Array.from({ length: Math.max(answers.length, rows.length) }, (_, index) => ({
        ...(answers[index] === undefined ? {} : weighted(item, answers[index])),
        ...((rows[index]?.length ?? 0) > 0 ? { item: rows[index] } : {}),
      })).filter((one) => Object.keys(one).length > 0)
      return answer.length === 0 ? [] : [{ linkId, ...text, answer }]
    })
  }

  #walk(
    scope: Scope,
    written: readonly QuestionnaireResponseItem[],
    around: Environment,
    path: string,
    open: boolean,
    next: { off: Set<string>; computed: Map<string, readonly Answer[]> },
  ): FilledNode[] {
    return scope.items.flatMap((item, place) => {
      const node = scope.sheet[place]
      if (!node) return []
      const key = keyOf(scope.above, scope.row, place)
      const at = pathOf(path, item.linkId)
      const own = written.filter((one) => one.linkId === item.linkId)
      const focus = [own[0] ?? { linkId: item.linkId }]
      const named: Environment = { ...around, qitem: [item.source] }
      const environment = this.#withVariables(item.variables, named, focus, at, item.linkId)
      const enabled = open && this.#enabled(item, scope, focus, environment, at)
      if (!enabled) next.off.add(key)
      const value =
        enabled && item.calculated ? this.#compute(item.calculated, item, focus, environment, at) : undefined
      if (value) next.computed.set(key, value)
      const rows = node.rows.map((below, row) => {
        const inner = new Scope(scope, item.items, below, key, row)
        const { context, items } = rowOf(item, own, row)
        const rowAt = item.type === 'group' ? (node.rows.length > 1 ? `${at}[${row}]` : at) : `${at}.answer[${row}]`
        const inside =
          item.type === 'group' && node.rows.length > 1 && context
            ? this.#withVariables(item.variables, named, [context], rowAt, item.linkId)
            : environment
        return this.#walk(inner, items, inside, rowAt, enabled, next)
      })
      const filled: FilledNode = {
        key,
        path: at,
        item,
        enabled,
        computed: value !== undefined,
        answers: value ?? node.answers,
        options: this.#options(item, focus, environment, at),
        faults: [],
        rows,
      }
      if (enabled) {
        filled.faults.push(...answerFaults(filled, this.#context), ...rowFaults(filled))
        for (const { key: rule, program, human } of item.constraints)
          if (own.length > 0 && this.#run(program, focus, environment, at, item.linkId)[0] === false)
            filled.faults.push({ code: 'constraint', path: at, linkId: item.linkId, detail: { rule }, words: human })
      }
      return [filled]
    })
  }

  #constraintFaults(items: QuestionnaireResponseItem[]): FormFault[] {
    const environment = this.#environment(items)
    return this.#form.constraints.flatMap(({ key, program, human }) =>
      this.#run(program, environment['resource'] ?? [], environment, 'QuestionnaireResponse', '')[0] === false
        ? [
            {
              code: 'constraint' as const,
              path: 'QuestionnaireResponse',
              linkId: '',
              detail: { rule: key },
              words: human,
            },
          ]
        : [],
    )
  }

  #compute(
    program: FhirPathProgram,
    item: FormItem,
    focus: readonly unknown[],
    environment: Environment,
    path: string,
  ): Answer[] {
    const values = this.#run(program, focus, environment, path, item.linkId)
    const answers = values.flatMap((value) => answerFrom(item.source, value) ?? [])
    return item.repeats ? answers : answers.slice(0, 1)
  }

  #options(item: FormItem, focus: readonly unknown[], environment: Environment, path: string): readonly FormOption[] {
    const own = this.#form.questionnaire.language
    if (item.offers)
      return this.#run(item.offers, focus, environment, path, item.linkId).flatMap((value) => {
        const answer = answerFrom(item.source, value)
        return answer
          ? [
              {
                ...optionOf({ display: String(value) }, own),
                answer,
                ...(isCoding(value) ? { words: optionOf(value, own).words } : {}),
              },
            ]
          : []
      })
    const codes =
      item.source.answerValueSet === undefined ? undefined : this.#context.codes?.[item.source.answerValueSet]
    return codes && item.options.length === 0 ? codes.map((coding) => optionOf(coding, own)) : item.options
  }

  #enabled(item: FormItem, scope: Scope, focus: readonly unknown[], environment: Environment, path: string): boolean {
    if (item.enabledWhen) return this.#run(item.enabledWhen, focus, environment, path, item.linkId)[0] === true
    const conditions = item.source.enableWhen ?? []
    if (conditions.length === 0) return true
    const holds = (one: QuestionnaireItemEnableWhen) => {
      const answers = scope.find(
        one.question,
        (key) => this.#off.has(key),
        (key) => this.#computed.get(key),
      )
      return conditionHolds(one, answers)
    }
    return item.source.enableBehavior === 'any' ? conditions.some(holds) : conditions.every(holds)
  }
}

const isCoding = (value: unknown): value is Coding => typeof value === 'object' && value !== null && 'code' in value

function rowOf(item: FormItem, own: readonly QuestionnaireResponseItem[], row: number) {
  if (item.type !== 'group') {
    const answer = own[0]?.answer?.[row]
    return { context: answer, items: answer?.item ?? [] }
  }
  const context = own[row]
  return { context, items: context?.item ?? [] }
}

const sameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((one) => b.has(one))

const sameComputed = (a: ReadonlyMap<string, readonly Answer[]>, b: ReadonlyMap<string, readonly Answer[]>): boolean =>
  a.size === b.size && [...a].every(([key, answers]) => sameAnswers(answers, b.get(key) ?? []) && b.has(key))
