import type { Coding, Extension, Questionnaire, QuestionnaireItem } from '@medplum/fhirtypes'
import { type FhirPathProgram, fhirPathProgram, type Pattern, readPattern } from '../expressions/index.ts'
import { type Answer, unitsOf, valueOf } from './values.ts'
import { bothOf, extensionOf, extensionsOf, type Localized, noticeUrl, urls } from './words.ts'

/** What can be wrong with a form, in the words of the API. `path` is FHIRPath from the Questionnaire. */
export interface FormFinding {
  code: string
  severity: 'error' | 'warning'
  path: string
  message: string
}

export interface FormVariable {
  name: string
  program: FhirPathProgram
}

export interface FormConstraint {
  key: string
  program: FhirPathProgram
  human: Localized
}

/** One thing a question may be answered with. */
export interface FormOption {
  /** Its `value[x]`, as it stands in an answer. */
  answer: Answer
  words: Localized
  /** What it counts for (itemWeight or ordinalValue); undefined when it counts for nothing. */
  weight: number | undefined
  /** Chosen alone, as "none of these". */
  exclusive: boolean
  initial: boolean
}

/** An item of a form with its extensions read and its expressions compiled. */
export interface FormItem {
  linkId: string
  type: string
  path: string
  source: QuestionnaireItem
  text: Localized
  prefix: string
  repeats: boolean
  required: boolean
  readOnly: boolean
  hidden: boolean
  /** FHIR's questionnaire-item-control: radio-button, drop-down, check-box, slider, … */
  control: string | undefined
  options: FormOption[]
  units: ReturnType<typeof unitsOf>
  pattern: Pattern | undefined
  /** Answers, or rows of a group, at least and at most. */
  least: number
  most: number | undefined
  variables: FormVariable[]
  constraints: FormConstraint[]
  calculated: FhirPathProgram | undefined
  initial: FhirPathProgram | undefined
  enabledWhen: FhirPathProgram | undefined
  offers: FhirPathProgram | undefined
  items: FormItem[]
}

/** A Questionnaire made ready to be filled in. */
export interface Form {
  questionnaire: Questionnaire
  /** `url|version`, to which answers are pinned. */
  canonical: string
  title: Localized
  /** Whose form this is and on what terms, if it says so. */
  notice: Localized | undefined
  items: FormItem[]
  byLinkId: ReadonlyMap<string, FormItem>
  variables: FormVariable[]
  constraints: FormConstraint[]
}

/** Names that every expression of a form may use; launch contexts and variables come to these. */
const givenNames = ['resource', 'rootResource', 'context', 'questionnaire', 'qitem', 'ucum', 'sct', 'loinc']

const longestForm = 2_000
const deepest = 12

/** Reads a Questionnaire: the form to fill in, and what is wrong with its expressions and patterns. */
export function readForm(questionnaire: Questionnaire): { form: Form; findings: FormFinding[] } {
  const reader = new Reader(questionnaire)
  return { form: reader.read(), findings: reader.findings }
}

class Reader {
  readonly findings: FormFinding[] = []
  readonly #questionnaire: Questionnaire
  readonly #byLinkId = new Map<string, FormItem>()

  constructor(questionnaire: Questionnaire) {
    this.#questionnaire = questionnaire
  }

  read(): Form {
    const whole = this.#questionnaire
    const launch = extensionsOf(whole, urls.launchContext).flatMap((one) => {
      const name = one.extension?.find(({ url }) => url === 'name')
      return name?.valueCoding?.code ?? name?.valueId ?? []
    })
    const names = new Set([...givenNames, ...launch])
    const variables = this.#variables(whole, 'Questionnaire', names)
    const constraints = this.#constraints(whole, 'Questionnaire', names)
    const items = this.#items(whole.item ?? [], 'Questionnaire', names, 1)
    const notice = extensionOf(whole, noticeUrl)
    return {
      questionnaire: whole,
      canonical: whole.version === undefined ? (whole.url ?? '') : `${whole.url ?? ''}|${whole.version}`,
      title: bothOf(whole, 'title', whole.language),
      notice: notice && bothOf(notice, 'valueString', whole.language),
      items,
      byLinkId: this.#byLinkId,
      variables,
      constraints,
    }
  }

  #report(severity: FormFinding['severity'], code: string, path: string, message: string): void {
    this.findings.push({ severity, code, path, message })
  }

  #items(sources: readonly QuestionnaireItem[], path: string, names: ReadonlySet<string>, depth: number): FormItem[] {
    if (depth > deepest) {
      this.#report('error', 'too-deep', path, `is nested deeper than ${deepest}`)
      return []
    }
    return sources.map((source, index) => this.#item(source, `${path}.item[${index}]`, names, depth))
  }

  #item(source: QuestionnaireItem, path: string, around: ReadonlySet<string>, depth: number): FormItem {
    const names = new Set(around)
    const variables = this.#variables(source, path, names)
    const count = (url: string) => extensionOf(source, url)?.valueInteger
    const item: FormItem = {
      linkId: source.linkId,
      type: source.type,
      path,
      source,
      text: bothOf(source, 'text', this.#questionnaire.language),
      prefix: source.prefix ?? '',
      repeats: source.repeats ?? false,
      required: source.required ?? false,
      readOnly: source.readOnly ?? false,
      hidden: extensionOf(source, urls.hidden)?.valueBoolean ?? false,
      control: extensionOf(source, urls.itemControl)?.valueCodeableConcept?.coding?.[0]?.code,
      options: this.#options(source),
      units: unitsOf(source),
      pattern: this.#pattern(source, path),
      least: Math.max(count(urls.minOccurs) ?? 0, source.required === true ? 1 : 0),
      most: source.repeats === true ? count(urls.maxOccurs) : 1,
      variables,
      constraints: this.#constraints(source, path, names),
      calculated: this.#expression(source, urls.calculated, path, names),
      initial: this.#expression(source, urls.initial, path, names),
      enabledWhen: this.#expression(source, urls.enableWhen, path, names),
      offers: this.#expression(source, urls.answerExpression, path, names),
      items: [],
    }
    if (this.#byLinkId.size >= longestForm) this.#report('error', 'too-long', path, `more than ${longestForm} items`)
    if (this.#byLinkId.has(source.linkId))
      this.#report('error', 'link-id-twice', `${path}.linkId`, `${source.linkId} stands twice`)
    else this.#byLinkId.set(source.linkId, item)
    item.items = this.#items(source.item ?? [], path, names, depth + 1)
    return item
  }

  #options(source: QuestionnaireItem): FormOption[] {
    const own = this.#questionnaire.language
    const listed = (source.answerOption ?? []).flatMap((option): FormOption[] => {
      const found = valueOf(option)
      if (!found) return []
      return [
        {
          answer: { [found.name]: found.value },
          words: wordsOf(found.value, own),
          weight: weightOf(option) ?? weightOf(found.value),
          exclusive: extensionOf(option, urls.optionExclusive)?.valueBoolean ?? false,
          initial: option.initialSelected ?? false,
        },
      ]
    })
    return [...listed, ...this.#contained(source)]
  }

  /** The codes of a value set that the form brings along. */
  #contained(source: QuestionnaireItem): FormOption[] {
    if (!source.answerValueSet?.startsWith('#')) return []
    const found = this.#questionnaire.contained?.find(
      (one) => one.resourceType === 'ValueSet' && one.id === source.answerValueSet?.slice(1),
    )
    if (found?.resourceType !== 'ValueSet') return []
    const codings: Coding[] =
      found.expansion?.contains?.map(({ system, code, display, extension }) => ({
        ...(system === undefined ? {} : { system }),
        ...(code === undefined ? {} : { code }),
        ...(display === undefined ? {} : { display }),
        ...(extension === undefined ? {} : { extension }),
      })) ??
      (found.compose?.include ?? []).flatMap(({ system, concept }) =>
        (concept ?? []).map((one) => ({ ...one, ...(system === undefined ? {} : { system }) })),
      )
    return codings.map((coding) => optionOf(coding, this.#questionnaire.language))
  }

  #pattern(source: QuestionnaireItem, path: string): Pattern | undefined {
    const text = extensionOf(source, urls.regex)?.valueString
    if (text === undefined) return undefined
    const pattern = readPattern(text)
    if ('test' in pattern) return pattern
    this.#report('error', 'pattern-unreadable', path, `its pattern ${pattern.fault}`)
    return undefined
  }

  #variables(source: Questionnaire | QuestionnaireItem, path: string, names: Set<string>): FormVariable[] {
    return extensionsOf(source, urls.variable).flatMap((one) => {
      const program = this.#program(one, path, names)
      const name = one.valueExpression?.name
      if (name === undefined) this.#report('error', 'variable-unnamed', path, 'has a variable without a name')
      else names.add(name)
      return program && name !== undefined ? [{ name, program }] : []
    })
  }

  #constraints(source: Questionnaire | QuestionnaireItem, path: string, names: ReadonlySet<string>): FormConstraint[] {
    return extensionsOf(source, urls.constraint).flatMap((one) => {
      const part = (url: string) => one.extension?.find((inner) => inner.url === url)
      if (part('severity')?.valueCode === 'warning') return []
      const human = part('human')
      const program = this.#compile(part('expression')?.valueString, path, names)
      return program
        ? [
            {
              key: part('key')?.valueId ?? 'constraint',
              program,
              human: human ? bothOf(human, 'valueString', this.#questionnaire.language) : { en: '', fr: '' },
            },
          ]
        : []
    })
  }

  #expression(source: QuestionnaireItem, url: string, path: string, names: ReadonlySet<string>) {
    const found = extensionOf(source, url)
    return found && this.#program(found, path, names)
  }

  #program(extension: Extension, path: string, names: ReadonlySet<string>): FhirPathProgram | undefined {
    const { language, expression } = extension.valueExpression ?? {}
    if (language !== undefined && language !== 'text/fhirpath') {
      this.#report('error', 'language-unknown', path, `has an expression in ${language}; text/fhirpath is understood`)
      return undefined
    }
    return this.#compile(expression, path, names)
  }

  #compile(source: string | undefined, path: string, names: ReadonlySet<string>): FhirPathProgram | undefined {
    const program = fhirPathProgram(source ?? '')
    if (!program.ok) {
      this.#report('error', 'expression-unreadable', path, `its expression ${program.message}`)
      return undefined
    }
    for (const name of program.names)
      if (!names.has(name))
        this.#report('error', 'name-unknown', path, `its expression names %${name}, which nothing gives`)
    return program
  }
}

/** A coding as an option: of a value set, or of what an expression gives. */
export const optionOf = (coding: Coding, own: string | undefined): FormOption => ({
  answer: { valueCoding: coding },
  words: wordsOf(coding, own),
  weight: weightOf(coding),
  exclusive: false,
  initial: false,
})

/** The value of an answer in words, as far as it needs no formatting. */
export function wordsOf(value: unknown, own: string | undefined): Localized {
  if (typeof value !== 'object' || value === null) return { en: String(value), fr: String(value) }
  const words = bothOf(value, 'display', own)
  const code = (value as Coding).code ?? (value as { reference?: string }).reference ?? ''
  return { en: words.en === '' ? code : words.en, fr: words.fr === '' ? code : words.fr }
}

function weightOf(element: unknown): number | undefined {
  if (typeof element !== 'object' || element === null) return undefined
  const extended = element as { extension?: Extension[] }
  return (extensionOf(extended, urls.itemWeight) ?? extensionOf(extended, urls.ordinalValue))?.valueDecimal
}
