import type { Element, Extension } from '@medplum/fhirtypes'

export type Locale = 'en' | 'fr'
export interface Localized {
  en: string
  fr: string
}

/** Extensions that the room reads: FHIR R4's own and those of Structured Data Capture (http://hl7.org/fhir/uv/sdc). */
const core = 'http://hl7.org/fhir/StructureDefinition'
const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition'
export const urls = {
  translation: `${core}/translation`,
  hidden: `${core}/questionnaire-hidden`,
  itemControl: `${core}/questionnaire-itemControl`,
  minValue: `${core}/minValue`,
  maxValue: `${core}/maxValue`,
  minLength: `${core}/minLength`,
  maxDecimalPlaces: `${core}/maxDecimalPlaces`,
  regex: `${core}/regex`,
  entryFormat: `${core}/entryFormat`,
  minOccurs: `${core}/questionnaire-minOccurs`,
  maxOccurs: `${core}/questionnaire-maxOccurs`,
  unit: `${core}/questionnaire-unit`,
  unitOption: `${core}/questionnaire-unitOption`,
  constraint: `${core}/questionnaire-constraint`,
  itemWeight: `${core}/itemWeight`,
  ordinalValue: `${core}/ordinalValue`,
  optionExclusive: `${core}/questionnaire-optionExclusive`,
  variable: `${core}/variable`,
  calculated: `${sdc}/sdc-questionnaire-calculatedExpression`,
  initial: `${sdc}/sdc-questionnaire-initialExpression`,
  enableWhen: `${sdc}/sdc-questionnaire-enableWhenExpression`,
  answerExpression: `${sdc}/sdc-questionnaire-answerExpression`,
  answerOptionsToggle: `${sdc}/sdc-questionnaire-answerOptionsToggleExpression`,
  candidateExpression: `${sdc}/sdc-questionnaire-candidateExpression`,
  minQuantity: `${sdc}/sdc-questionnaire-minQuantity`,
  maxQuantity: `${sdc}/sdc-questionnaire-maxQuantity`,
  launchContext: `${sdc}/sdc-questionnaire-launchContext`,
} as const

/** Who a form was copied from and on what terms, told where the form is shown. */
export const noticeUrl = 'urn:throughline:form-notice'

type Extended = { extension?: Extension[] | undefined } | undefined

export const extensionOf = (element: Extended, url: string): Extension | undefined =>
  element?.extension?.find((one) => one.url === url)
export const extensionsOf = (element: Extended, url: string): Extension[] =>
  (element?.extension ?? []).filter((one) => one.url === url)

const translated = (shadow: Extended, locale: Locale): string | undefined =>
  extensionsOf(shadow, urls.translation)
    .find((one) => one.extension?.some(({ url, valueCode }) => url === 'lang' && valueCode?.slice(0, 2) === locale))
    ?.extension?.find(({ url }) => url === 'content')?.valueString

/** A text in a language: the element itself, or its translation (FHIR's `translation` extension on `_text`). */
export function textOf(
  element: object | undefined,
  name: string,
  locale: Locale,
  own: string | undefined,
): string | undefined {
  if (!element) return undefined
  const plain: unknown = (element as Record<string, unknown>)[name]
  const shadow = (element as Record<string, unknown>)[`_${name}`] as Element | undefined
  const text = typeof plain === 'string' ? plain : undefined
  return own?.slice(0, 2) === locale ? text : (translated(shadow, locale) ?? text)
}

/** Whether a text stands in both languages. A form that does not say its language is taken to be in English. */
export function inBoth(element: object, name: string, own: string | undefined): boolean {
  const shadow = (element as Record<string, unknown>)[`_${name}`] as Element | undefined
  return translated(shadow, own?.slice(0, 2) === 'fr' ? 'en' : 'fr') !== undefined
}

export const bothOf = (element: object, name: string, own: string | undefined): Localized => {
  const [en, fr] = [textOf(element, name, 'en', own), textOf(element, name, 'fr', own)]
  return { en: en ?? fr ?? '', fr: fr ?? en ?? '' }
}
/** The element with its text in both languages; `own` is the language of the form. */
export function withText<T extends object>(element: T, name: string, text: Localized, own: Locale): T {
  const other: Locale = own === 'en' ? 'fr' : 'en'
  const { [name]: _plain, [`_${name}`]: shadow, ...rest } = element as Record<string, unknown>
  const kept = ((shadow as Element | undefined)?.extension ?? []).filter((one) => one.url !== urls.translation)
  const extension = [
    ...kept,
    ...(text[other] === ''
      ? []
      : [
          {
            url: urls.translation,
            extension: [
              { url: 'lang', valueCode: other },
              { url: 'content', valueString: text[other] },
            ],
          },
        ]),
  ]
  return {
    ...rest,
    ...(text[own] === '' ? {} : { [name]: text[own] }),
    ...(extension.length === 0 ? {} : { [`_${name}`]: { extension } }),
  } as T
}
