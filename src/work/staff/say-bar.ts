import type { HouseOntology } from '../ontology/house-ontology.ts'
import type { Bar } from '../routing/index.ts'

type Locale = 'en' | 'fr'

const titled = (list: readonly { id: string; title: { en: string; fr: string } }[], id: string, locale: Locale) =>
  list.find((one) => one.id === id)?.title[locale] ?? id

const listed = (parts: readonly string[], locale: Locale): string =>
  new Intl.ListFormat(locale, { type: 'disjunction' }).format(parts)

/** Why somebody may not do a task, as a sentence about them that has no subject: "has no licence …". */
export function sayBar(ontology: HouseOntology, { code, what }: Bar, locale: Locale): string {
  // `rn in US-NY`: a credential or a kind, and a place.
  const [thing = '', where = ''] = what.split(' in ')
  const place = titled(ontology.places, where, locale)
  const credential = titled(ontology.credentials, thing, locale).toLowerCase()
  const credentials = () =>
    listed(
      what.split(', ').map((id) => titled(ontology.credentials, id, locale).toLowerCase()),
      locale,
    )
  const fr = locale === 'fr'
  if (code.startsWith('licence-') && code !== 'licence-restricted' && where === '')
    return fr
      ? 'n’a pas de permis connu à cet endroit : l’adresse de la personne ne dit ni la province ni l’État'
      : 'has no known licence there: the patient’s address names no state or province'
  switch (code) {
    case 'kind-not-offered': {
      const kind = titled(ontology.kinds, thing, locale).toLowerCase()
      return fr ? `personne ne peut le faire là : ${kind}, ${place}` : `nobody may do this there: ${kind}, ${place}`
    }
    case 'excluded':
      return fr
        ? 'a fait le travail dont il s’agit et ne peut pas le signer'
        : 'did the work that this is about and may not sign it'
    case 'credential':
      return fr ? `n’est pas ${credentials()}` : `is not a ${credentials()}`
    case 'licence-missing':
      return fr ? `n’a pas de permis (${credential}) : ${place}` : `has no licence as a ${credential} in ${place}`
    case 'licence-not-yet':
      return fr
        ? `a un permis qui ne vaut pas encore (${credential}) : ${place}`
        : `has a licence as a ${credential} in ${place} that does not hold yet`
    case 'licence-ended':
      return fr
        ? `a un permis échu (${credential}) : ${place}`
        : `has a licence as a ${credential} in ${place} that has ended`
    case 'licence-suspended':
      return fr
        ? `a un permis suspendu (${credential}) : ${place}`
        : `has a licence as a ${credential} in ${place} that is suspended`
    case 'licence-restricted': {
      const kind = titled(ontology.kinds, what, locale).toLowerCase()
      return fr ? `a un permis qui exclut ce travail : ${kind}` : `has a licence that excludes this: ${kind}`
    }
    case 'supervisor-away':
      return fr
        ? `ne peut le faire que sous la supervision de : ${credentials()}; personne n’est là`
        : `may do it only under a ${credentials()}, and none is at work`
    case 'skill':
      return fr ? `n’a pas la compétence « ${what} »` : `does not have the skill “${what}”`
    case 'privilege':
      return fr ? `n’a pas de privilège à ce lieu (${what})` : `has no privilege at this site (${what})`
    case 'language':
      return fr ? `ne parle pas la langue demandée (${what})` : `does not speak the language asked for (${what})`
  }
}
