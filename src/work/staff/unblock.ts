import type { HouseOntology } from '../ontology/house-ontology.ts'
import type { Bar, Need } from '../routing/index.ts'
import { type Candidate, ready } from './candidates.ts'
import { sayBar } from './say-bar.ts'

/** What would get a task done that nobody at work may do now, as a code and a sentence. */
export interface Unblock {
  code: 'on-shift-later' | 'one-bar' | 'no-place' | 'nobody-may' | 'nobody-in-role'
  /** Milliseconds. */
  at: number | undefined
  sentence: string
}

/** undefined: somebody at work may do it. */
export function unblockOf(
  ontology: HouseOntology,
  need: Need | undefined,
  candidates: readonly Candidate[],
  locale: 'en' | 'fr',
): Unblock | undefined {
  if (candidates.some(ready)) return undefined
  const fr = locale === 'fr'
  if (candidates.length === 0)
    return {
      code: 'nobody-in-role',
      at: undefined,
      sentence: fr ? 'Personne n’a le rôle demandé.' : 'Nobody has the role it is for.',
    }
  const place = ontology.places.find(({ id }) => id === need?.jurisdiction)?.title[locale]
  const soonest = candidates
    .flatMap(({ next, member }) => (next === undefined ? [] : [{ next, member }]))
    .toSorted((a, b) => a.next - b.next)[0]
  if (soonest) {
    const when = new Intl.DateTimeFormat(fr ? 'fr-CA' : 'en-CA', {
      timeZone: ontology.zone,
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }).format(soonest.next)
    const who = soonest.member.name
    const where = place === undefined ? '' : fr ? ` (${place})` : ` in ${place}`
    return {
      code: 'on-shift-later',
      at: soonest.next,
      sentence: fr
        ? `Personne qui en a le droit${where} n’est au travail avant ${when} (${who}).`
        : `Nobody who may do it${where} is on shift until ${when} (${who}).`,
    }
  }
  if (need?.jurisdiction === '' && candidates.some(({ permit }) => permit.bars.some(isLicence)))
    return {
      code: 'no-place',
      at: undefined,
      sentence: fr
        ? 'L’adresse de la personne ne dit ni la province ni l’État : complétez-la.'
        : 'The patient’s address names no state or province: complete it.',
    }
  const nearest = candidates
    .filter(({ permit }) => permit.bars.length === 1)
    .toSorted((a, b) => Number(b.atWork) - Number(a.atWork) || rankOf(a) - rankOf(b))[0]
  const bar = nearest?.permit.bars[0]
  if (nearest && bar)
    return {
      code: 'one-bar',
      at: undefined,
      sentence: fr
        ? `Une seule chose manque à ${nearest.member.name}, qui ${sayBar(ontology, bar, locale)}.`
        : `One thing is missing: ${nearest.member.name} ${sayBar(ontology, bar, locale)}.`,
    }
  const able = candidates.some(({ permit }) => permit.credential !== undefined)
  return {
    code: 'nobody-may',
    at: undefined,
    sentence: able
      ? fr
        ? 'Aucune personne qui en a le droit n’est au travail dans les deux semaines à venir.'
        : 'Nobody who may do it is on shift in the next two weeks.'
      : fr
        ? 'Personne de ce rôle n’en a le droit.'
        : 'Nobody of this role may do it.',
  }
}

const isLicence = ({ code }: Bar): boolean => code.startsWith('licence-')

/** What is mended soonest first: a shift of a supervisor, a skill, a privilege, then licences, then training. */
const order: readonly Bar['code'][] = [
  'supervisor-away',
  'skill',
  'privilege',
  'language',
  'licence-ended',
  'licence-not-yet',
  'licence-missing',
  'licence-suspended',
  'licence-restricted',
  'credential',
  'excluded',
  'kind-not-offered',
]
const rankOf = ({ permit }: Candidate): number => order.indexOf(permit.bars[0]?.code ?? 'kind-not-offered')
