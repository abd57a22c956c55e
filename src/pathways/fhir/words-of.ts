import type { Element } from '@medplum/fhirtypes'
import type { Localized } from '../model.ts'
import { translationUrl } from './names.ts'

/** A text in English with its French translation (FHIR's own extension), as the two fields `name` and `_name`. */
export const inBothLanguages = <const N extends string>(name: N, text: Localized | undefined) =>
  (text === undefined
    ? {}
    : {
        [name]: text.en,
        [`_${name}`]: {
          extension: [
            {
              url: translationUrl,
              extension: [
                { url: 'lang', valueCode: 'fr' },
                { url: 'content', valueString: text.fr },
              ],
            },
          ],
        },
      }) as Partial<Record<N, string> & Record<`_${N}`, Element>>

/** A title in both languages, as the two fields that resources have for it. */
export const localizedTitle = (title: Localized) => inBothLanguages('title', title)

/** The translation into a language that an element carries. */
export function translationOf(element: Element | undefined, language: string): string | undefined {
  for (const one of element?.extension ?? []) {
    const part = (url: string) => one.extension?.find((inner) => inner.url === url)
    const lang = part('lang')?.valueCode
    const content = part('content')
    if (one.url === translationUrl && (lang === language || lang?.startsWith(`${language}-`)))
      return content?.valueString ?? content?.valueMarkdown
  }
  return undefined
}

/** The text of a field in both languages; undefined unless both are there. */
export function bothLanguages(holder: object, name: string): Localized | undefined {
  const fields = holder as Readonly<Record<string, unknown>>
  const en = fields[name]
  const fr = translationOf(fields[`_${name}`] as Element | undefined, 'fr')
  return typeof en === 'string' && fr !== undefined ? { en, fr } : undefined
}
