import type { CodeableConcept, Communication, Observation, Resource, ServiceRequest } from '@medplum/fhirtypes'
import type { Locale } from '../../pathways/index.ts'
import type { MatterList, MatterRow } from '../../work/index.ts'

const conceptText = (one: CodeableConcept | undefined): string | undefined =>
  one?.text ?? one?.coding?.find(({ display }) => display !== undefined)?.display ?? one?.coding?.[0]?.code

const kinds: Readonly<Record<MatterList, { en: string; fr: string }>> = {
  referrals: { en: 'Referral', fr: 'Demande de consultation' },
  results: { en: 'Result', fr: 'Résultat' },
  'no-next-step': { en: 'No next step', fr: 'Aucune prochaine étape' },
  unreachable: { en: 'Not reached', fr: 'Non jointe' },
  messages: { en: 'Message', fr: 'Message' },
}

/** What a row is called: by what the resource says of itself, as far as the caller is shown it. */
export function matterTitle(list: MatterList, resource: Resource | undefined, locale: Locale): string {
  const kind = kinds[list][locale]
  switch (resource?.resourceType) {
    case 'ServiceRequest':
    case 'Observation':
      return conceptText(resource.code) ?? kind
    case 'Communication':
      return firstWords(resource) ?? kind
    default:
      return kind
  }
}

const firstWords = ({ topic, payload }: Communication): string | undefined => {
  const text = conceptText(topic) ?? payload?.find(({ contentString }) => contentString !== undefined)?.contentString
  return text === undefined || text.length <= 90 ? text : `${text.slice(0, 89).trimEnd()}…`
}

const high: Readonly<Record<string, { en: string; fr: string }>> = {
  HH: { en: 'critically high', fr: 'dangereusement élevé' },
  LL: { en: 'critically low', fr: 'dangereusement bas' },
  AA: { en: 'critically abnormal', fr: 'dangereusement anormal' },
  H: { en: 'high', fr: 'élevé' },
  L: { en: 'low', fr: 'bas' },
  POS: { en: 'positive', fr: 'positif' },
}

function finding({ interpretation, valueQuantity }: Observation, locale: Locale): string {
  const codes = (interpretation ?? []).flatMap(({ coding }) => (coding ?? []).flatMap(({ code }) => code ?? []))
  const told = Object.entries(high).find(([code]) => codes.includes(code))?.[1][locale]
  const value =
    valueQuantity?.value === undefined ? '' : ` (${valueQuantity.value} ${valueQuantity.unit ?? ''})`.trimEnd()
  const closed = value.includes('(') && !value.endsWith(')') ? `${value})` : value
  return `${told ?? (locale === 'fr' ? 'anormal' : 'abnormal')}${closed}`
}

/** Why it stands on the list, in a sentence. */
export function matterWhy(
  list: MatterList,
  row: MatterRow,
  resource: Resource | undefined,
  { locale, date, now }: { locale: Locale; date(time: Date): string; now: number },
): string {
  const fr = locale === 'fr'
  const since = date(row.since)
  switch (list) {
    case 'referrals': {
      const reason = reasonOf(resource)
      return fr
        ? `Demandée le ${since}${reason}, à voir avant le ${date(row.due)}; aucune visite n’est prévue.`
        : `Referred on ${since}${reason}, to be seen by ${date(row.due)}; no visit is booked.`
    }
    case 'results': {
      const what = resource?.resourceType === 'Observation' ? finding(resource, locale) : fr ? 'anormal' : 'abnormal'
      return fr
        ? `Le résultat du ${since} est ${what}; personne n’a dit l’avoir vu.`
        : `The result of ${since} is ${what}; nobody has said that they saw it.`
    }
    case 'no-next-step':
      return row.due > row.since && row.due.getTime() <= now
        ? fr
          ? `Une demande ou un suivi est ouvert; la dernière visite prévue était le ${date(row.due)}, et rien ne suit.`
          : `A request or an episode is open; the last planned visit was on ${date(row.due)}, and nothing follows.`
        : fr
          ? `Une demande ou un suivi est ouvert, sans tâche, visite ni parcours en cours depuis le ${since}.`
          : `A request or an episode is open, with no task, visit or pathway under way since ${since}.`
    case 'unreachable':
      return fr
        ? `Un message n’a pas pu lui parvenir le ${since}, et rien ne l’a jointe depuis.`
        : `A message could not reach them on ${since}, and nothing has reached them since.`
    case 'messages':
      return fr ? `Reçu le ${since}; personne n’a répondu.` : `Received on ${since}; nobody has replied.`
  }
}

function reasonOf(resource: Resource | undefined): string {
  const request: ServiceRequest | undefined = resource?.resourceType === 'ServiceRequest' ? resource : undefined
  const reason = conceptText(request?.reasonCode?.[0])
  return reason === undefined ? '' : ` (${reason})`
}
