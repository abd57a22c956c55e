import type { Extension, Task } from '@medplum/fhirtypes'
import type { HouseOntology } from '../ontology/house-ontology.ts'
import { words } from '../task-words.ts'
import type { Candidate } from './candidates.ts'

/** Why a task is with somebody whom the program gave it to. */
export interface Gift {
  /** `Practitioner/…` */
  to: string
  /** As it was made, or by a plan over what waited. */
  how: 'made' | 'planned'
  /** Milliseconds. */
  at: number
  credential: string | undefined
  knows: boolean
  /** undefined: the patient's language is not known. */
  speaks: boolean | undefined
  /** Minutes of open work that they held. */
  held: number
  /** How many may do it and were at work. */
  among: number
}

/** What a Task says of that, beside its owner. */
export function giftExtension(
  { member, permit, knows, speaks }: Candidate,
  { how, at, among }: Pick<Gift, 'how' | 'at' | 'among'>,
): Extension {
  const { credential } = permit
  return {
    url: words.given,
    extension: [
      { url: 'to', valueReference: { reference: member.reference } },
      { url: 'how', valueCode: how },
      { url: 'at', valueDateTime: new Date(at).toISOString() },
      ...(credential === undefined || credential === '' ? [] : [{ url: 'credential', valueCode: credential }]),
      { url: 'knows', valueBoolean: knows },
      ...(speaks === undefined ? [] : [{ url: 'speaks', valueBoolean: speaks }]),
      { url: 'held', valueInteger: member.held },
      { url: 'among', valueInteger: among },
    ],
  }
}

/** The gift that a task's present owner holds it by; undefined when they took it, or somebody gave it to them. */
export function giftOf(task: Task): Gift | undefined {
  const told = task.extension?.find(({ url }) => url === words.given)?.extension
  const part = (url: string) => told?.find((one) => one.url === url)
  const to = part('to')?.valueReference?.reference
  if (to === undefined || to !== task.owner?.reference) return undefined
  return {
    to,
    how: part('how')?.valueCode === 'planned' ? 'planned' : 'made',
    at: Date.parse(part('at')?.valueDateTime ?? ''),
    credential: part('credential')?.valueCode,
    knows: part('knows')?.valueBoolean === true,
    speaks: part('speaks')?.valueBoolean,
    held: part('held')?.valueInteger ?? 0,
    among: part('among')?.valueInteger ?? 0,
  }
}

/** Why somebody has it, in a sentence for people. */
export function sayGift(
  { credentials }: Pick<HouseOntology, 'credentials'>,
  gift: Gift,
  name: string,
  locale: 'en' | 'fr',
): string {
  const title = credentials.find(({ id }) => id === gift.credential)?.title
  const others = gift.among - 1
  if (locale === 'fr') {
    const reasons = [
      ...(title ? [`peut le faire comme ${title.fr.toLowerCase()}`] : ['peut le faire']),
      ...(gift.knows ? ['connaît la personne'] : []),
      ...(gift.speaks === true ? ['parle sa langue'] : gift.speaks === false ? ['ne parle pas sa langue'] : []),
      `avait ${gift.held} min de travail ouvert`,
    ]
    const how = gift.how === 'made' ? 'dès sa création' : 'par le plan'
    const rest =
      others > 0
        ? ` ${others === 1 ? 'Une autre personne présente pouvait aussi' : `${others} autres personnes présentes pouvaient aussi`} le faire, à plus grand coût ou sans en avoir le temps.`
        : ' Personne d’autre de présent ne pouvait le faire.'
    return `Confié ${how} à ${name} : ${reasons.join(', ')}.${rest}`
  }
  const reasons = [
    ...(title ? [`may do it as ${title.en.toLowerCase()}`] : ['may do it']),
    ...(gift.knows ? ['knows the patient'] : []),
    ...(gift.speaks === true
      ? ['speaks their language']
      : gift.speaks === false
        ? ['does not speak their language']
        : []),
    `had ${gift.held} min of open work`,
  ]
  const how = gift.how === 'made' ? 'as it was made' : 'by the plan'
  const rest =
    others > 0
      ? ` ${others === 1 ? 'One other' : `${others} others`} at work may do it too, and would cost more or had no time left.`
      : ' Nobody else at work may do it.'
  return `Given to ${name} ${how}: ${reasons.join(', ')}.${rest}`
}
