import {
  duesOf,
  kindOf,
  type Locale,
  type Localized,
  type NamedStep,
  outcomesOf,
  type Step,
  type StepKind,
} from '../model.ts'
import type { DefinitionChange } from './compare-definitions.ts'
import { both, channelWords, durationWords, kindWords, nothingWords, type Speaker } from './words.ts'

interface Sides {
  id: string
  before: { step: Step; speaker: Speaker }
  after: { step: Step; speaker: Speaker }
}

/** `now X; before: Y`, in one language. */
const turned = (locale: Locale, now: string, before: string): string =>
  locale === 'fr' ? `${now} ; avant : ${before}.` : `${now}; before: ${before}.`

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What differs between two versions of one step, each difference with its sentence. */
export function compareStep(
  before: NamedStep & { speaker: Speaker },
  after: NamedStep & { speaker: Speaker },
): DefinitionChange[] {
  const changes: DefinitionChange[] = []
  const path = `tracks.${after.track}.steps.${after.id}`
  const add = (at: string, sentence: Localized) =>
    changes.push({ kind: 'changed', path: `${path}${at}`, step: after.id, sentence })
  const sides: Sides = { id: after.id, before, after }
  const name = (locale: Locale) => after.speaker.step(after.id, locale)
  if (before.track !== after.track)
    add(
      '',
      both((l) =>
        l === 'fr'
          ? `${name(l)} passe dans la partie ${after.speaker.track(after.track, l)}.`
          : `${name(l)} moves to the track ${after.speaker.track(after.track, l)}.`,
      ),
    )
  const was = (locale: Locale) => before.speaker.step(before.id, locale)
  if (was('en') !== name('en') || was('fr') !== name('fr'))
    add(
      '.title',
      both((l) => (l === 'fr' ? `${was(l)} s’appelle maintenant ${name(l)}.` : `${was(l)} is now called ${name(l)}.`)),
    )
  const kind = kindOf(after.step)
  if (kindOf(before.step) !== kind) {
    add(
      '',
      both((l) =>
        l === 'fr'
          ? `${name(l)} est maintenant ${kindWords(kind, l)} au lieu d’être ${kindWords(kindOf(before.step), l)}.`
          : `${name(l)} is now ${kindWords(kind, l)} instead of ${kindWords(kindOf(before.step), l)}.`,
      ),
    )
    return [...changes, ...compareFlow(sides, path)]
  }
  changes.push(...compareFlow(sides, path))
  if (duesOf(after.step) || duesOf(before.step)) compareWork(sides, kind, add)
  if (after.step.message && before.step.message) compareMessage(sides, add)
  compareRest(sides, kind, add)
  return changes
}

/** When it happens: what it follows, its condition, its stage, its repetition, and whether a person decides. */
function compareFlow({ id, before, after }: Sides, path: string): DefinitionChange[] {
  const a = before.step
  const b = after.step
  const name = (l: Locale) => after.speaker.step(id, l)
  const rows: [string, boolean, (l: Locale) => string][] = [
    [
      'after',
      !same(a.after, b.after),
      (l) =>
        turned(
          l,
          l === 'fr'
            ? `${name(l)} suit maintenant ${after.speaker.after(b, l)}`
            : `${name(l)} now follows ${after.speaker.after(b, l)}`,
          before.speaker.after(a, l),
        ),
    ],
    [
      'when',
      a.when !== b.when,
      (l) =>
        turned(
          l,
          b.when === undefined
            ? l === 'fr'
              ? `${name(l)} a maintenant toujours lieu`
              : `${name(l)} now always happens`
            : l === 'fr'
              ? `${name(l)} n’a maintenant lieu que si ${b.when}`
              : `${name(l)} now happens only if ${b.when}`,
          a.when ?? (l === 'fr' ? 'toujours' : 'always'),
        ),
    ],
    [
      'stage',
      a.stage !== b.stage,
      (l) =>
        turned(
          l,
          l === 'fr'
            ? `${name(l)} mène maintenant à ${after.speaker.stage(b.stage, l)}`
            : `${name(l)} now leads to ${after.speaker.stage(b.stage, l)}`,
          before.speaker.stage(a.stage, l),
        ),
    ],
    [
      'repeat',
      !same(a.repeat, b.repeat),
      (l) =>
        turned(
          l,
          l === 'fr'
            ? `${name(l)} revient maintenant ${repeatWords(b, l)}`
            : `${name(l)} now comes ${repeatWords(b, l)}`,
          repeatWords(a, l),
        ),
    ],
    ['discretionary', a.discretionary !== b.discretionary, (l) => discretionWords(b, name(l), l)],
  ]
  return rows.flatMap(([key, differs, say]) =>
    differs ? [{ kind: 'changed', path: `${path}.${key}`, step: id, sentence: both(say) }] : [],
  )
}

function repeatWords({ repeat }: Step, l: Locale): string {
  if (!repeat) return l === 'fr' ? 'une seule fois' : 'once'
  const fr = l === 'fr'
  const parts = [fr ? `tous les ${durationWords(repeat.every, l)}` : `every ${durationWords(repeat.every, l)}`]
  if (repeat.times !== undefined) parts.push(fr ? `${repeat.times} fois` : `${repeat.times} times`)
  if (repeat.for !== undefined)
    parts.push(fr ? `pendant ${durationWords(repeat.for, l)}` : `for ${durationWords(repeat.for, l)}`)
  if (repeat.until !== undefined) parts.push(fr ? `jusqu’à ce que ${repeat.until}` : `until ${repeat.until}`)
  if (repeat.on !== undefined) parts.push(fr ? 'les jours ouvrables' : 'on business days')
  if (repeat.at !== undefined) parts.push(fr ? `à ${repeat.at}` : `at ${repeat.at}`)
  return parts.join(', ')
}

function discretionWords({ discretionary }: Step, name: string, l: Locale): string {
  const fr = l === 'fr'
  if (discretionary === 'add')
    return fr ? `${name} n’a lieu que si une personne l’ajoute.` : `${name} now happens only if a person adds it.`
  if (discretionary === 'skip')
    return fr ? `Une personne peut maintenant sauter ${name}.` : `A person may now skip ${name}.`
  return fr
    ? `Personne ne décide plus de ${name} : son tour vient de lui-même.`
    : `Nobody decides about ${name} any more: it comes by itself.`
}

type Add = (at: string, sentence: Localized) => void

/** Who does it, by when, who hears of its lateness, and how it may end. */
function compareWork({ id, before, after }: Sides, kind: StepKind, add: Add): void {
  const a = duesOf(before.step)
  const b = duesOf(after.step)
  const name = (l: Locale) => after.speaker.step(id, l)
  if (a?.role !== b?.role)
    add(
      `.${kind}.role`,
      both((l) =>
        turned(
          l,
          l === 'fr'
            ? `${name(l)} revient maintenant à : ${after.speaker.role(b?.role ?? '', l)}`
            : `${name(l)} is now done by ${after.speaker.role(b?.role ?? '', l)}`,
          before.speaker.role(a?.role ?? '', l),
        ),
      ),
    )
  const others = [before, after].map(({ step }) => step.task?.['other-than'])
  if (others[0] !== others[1])
    add(
      `.${kind}.other-than`,
      both((l) => {
        const other = others[1] === undefined ? undefined : after.speaker.step(others[1], l)
        if (other === undefined)
          return l === 'fr'
            ? `${name(l)} peut revenir à n’importe qui du rôle.`
            : `${name(l)} may be done by anybody of the role.`
        return l === 'fr'
          ? `${name(l)} revient maintenant à une autre personne que celle de ${other}.`
          : `${name(l)} is now done by another person than ${other}.`
      }),
    )
  const dues = (due: NonNullable<ReturnType<typeof duesOf>>['due']): Readonly<Record<string, string | undefined>> =>
    due === undefined ? {} : typeof due === 'string' ? { otherwise: due } : due
  const [from, to] = [dues(a?.due), dues(b?.due)]
  for (const priority of ['stat', 'asap', 'urgent', 'otherwise'])
    if (from[priority] !== to[priority])
      add(
        `.${kind}.due`,
        both((l) => dueWords(name(l), priority, from[priority], to[priority], l)),
      )
  if (!same(a?.escalate ?? [], b?.escalate ?? [])) {
    const rungs = (speaker: Speaker, step: Step, l: Locale) =>
      (duesOf(step)?.escalate ?? [])
        .map(({ at, to: role }) =>
          l === 'fr' ? `à ${at} à ${speaker.role(role, l)}` : `at ${at} to ${speaker.role(role, l)}`,
        )
        .join(', ') || (l === 'fr' ? 'personne' : 'nobody')
    add(
      `.${kind}.escalate`,
      both((l) =>
        turned(
          l,
          l === 'fr'
            ? `Le retard de ${name(l)} est maintenant signalé ${rungs(after.speaker, after.step, l)}`
            : `Lateness of ${name(l)} is now told ${rungs(after.speaker, after.step, l)}`,
          rungs(before.speaker, before.step, l),
        ),
      ),
    )
  }
  for (const { code } of after.step.task?.outcomes ?? []) {
    const [old, now] = [before, after].map(({ step }) => step.task?.outcomes?.find((one) => one.code === code)?.title)
    if (old && now && !same(old, now))
      add(
        `.${kind}.outcomes`,
        both((l) =>
          l === 'fr'
            ? `La réponse « ${old.fr} » de ${name(l)} s’appelle maintenant « ${now.fr} ».`
            : `The outcome “${old.en}” of ${name(l)} is now called “${now.en}”.`,
        ),
      )
  }
  const endings = [outcomesOf(before.step), outcomesOf(after.step)] as const
  if (!same(endings[0], endings[1]) && same(endings[0].toSorted(), endings[1].toSorted()))
    add(
      `.${kind}.outcomes`,
      both((l) =>
        l === 'fr'
          ? `Les réponses de ${name(l)} sont dans un autre ordre.`
          : `The outcomes of ${name(l)} are in another order.`,
      ),
    )
  for (const code of endings[1].filter((one) => !endings[0].includes(one)))
    add(
      `.${kind}.outcomes`,
      both((l) =>
        l === 'fr'
          ? `${name(l)} peut maintenant finir par : ${after.speaker.outcome(id, code, l)}.`
          : `${name(l)} can now end with: ${after.speaker.outcome(id, code, l)}.`,
      ),
    )
  for (const code of endings[0].filter((one) => !endings[1].includes(one)))
    add(
      `.${kind}.outcomes`,
      both((l) =>
        l === 'fr'
          ? `${name(l)} ne peut plus finir par : ${before.speaker.outcome(id, code, l)}.`
          : `${name(l)} can no longer end with: ${before.speaker.outcome(id, code, l)}.`,
      ),
    )
}

function dueWords(
  name: string,
  priority: string,
  before: string | undefined,
  after: string | undefined,
  l: Locale,
): string {
  const fr = l === 'fr'
  const urgent: Readonly<Record<string, Localized>> = {
    stat: { en: ' when it is immediate', fr: ' quand c’est immédiat' },
    asap: { en: ' when it is as soon as possible', fr: ' quand c’est dès que possible' },
    urgent: { en: ' when it is urgent', fr: ' quand c’est urgent' },
  }
  const when = urgent[priority]?.[l] ?? ''
  const of = (text: string) => durationWords(text, l)
  if (after === undefined)
    return fr
      ? `${name} n’a plus de délai propre${when} (avant : ${of(before ?? '')}).`
      : `${name} no longer has a due time of its own${when} (before: ${of(before ?? '')}).`
  if (before === undefined)
    return fr
      ? `${name} est maintenant à faire en ${of(after)}${when} ; il n’y avait pas de délai.`
      : `${name} is now due in ${of(after)}${when}; it had no due time.`
  return fr
    ? `${name} est maintenant à faire en ${of(after)} au lieu de ${of(before)}${when}.`
    : `${name} is now due in ${of(after)} instead of ${of(before)}${when}.`
}

function compareMessage({ id, before, after }: Sides, add: Add): void {
  const [a, b] = [before.step.message, after.step.message]
  if (!a || !b) return
  const name = (l: Locale) => after.speaker.step(id, l)
  const ways = (speaker: Speaker, list: typeof a.fallback, l: Locale) =>
    (list ?? [])
      .map((one) => {
        const role = speaker.role('phone' in one ? one.phone : one.letter, l)
        const way = 'phone' in one ? (l === 'fr' ? 'téléphone' : 'telephone') : l === 'fr' ? 'lettre' : 'letter'
        return `${way} (${role}${one.due === undefined ? '' : `, ${durationWords(one.due, l)}`})`
      })
      .join(l === 'fr' ? ', puis ' : ', then ') || nothingWords(l)
  if (a.template !== b.template)
    add(
      '.message.template',
      both((l) =>
        turned(
          l,
          l === 'fr'
            ? `${name(l)} envoie maintenant le texte ${b.template}`
            : `${name(l)} now sends the text ${b.template}`,
          a.template,
        ),
      ),
    )
  if (a.to !== b.to)
    add(
      '.message.to',
      both((l) =>
        turned(
          l,
          l === 'fr'
            ? `${name(l)} s’adresse maintenant à ${after.speaker.audience(b.to, l)}`
            : `${name(l)} now goes to ${after.speaker.audience(b.to, l)}`,
          before.speaker.audience(a.to, l),
        ),
      ),
    )
  if (!same(a.channels, b.channels))
    add(
      '.message.channels',
      both((l) =>
        turned(
          l,
          l === 'fr'
            ? `${name(l)} part maintenant par ${channelWords(b.channels, l)}`
            : `${name(l)} is now sent by ${channelWords(b.channels, l)}`,
          channelWords(a.channels, l),
        ),
      ),
    )
  if (!same(a.fallback ?? [], b.fallback ?? []))
    add(
      '.message.fallback',
      both((l) =>
        turned(
          l,
          l === 'fr'
            ? `Quand ${name(l)} n’atteint personne : ${ways(after.speaker, b.fallback, l)}`
            : `When ${name(l)} reaches nobody: ${ways(after.speaker, b.fallback, l)}`,
          ways(before.speaker, a.fallback, l),
        ),
      ),
    )
  if (a.budget !== b.budget)
    add(
      '.message.budget',
      both((l) => budgetWords(b.budget, name(l), l)),
    )
}

function budgetWords(budget: string | undefined, name: string, l: Locale): string {
  const fr = l === 'fr'
  if (budget === 'urgent')
    return fr ? `${name} est maintenant urgent : rien ne le retient.` : `${name} is now urgent: nothing holds it back.`
  if (budget === 'reminder')
    return fr
      ? `${name} est maintenant un rappel : il part avec d’autres.`
      : `${name} is now a reminder: it is sent together with others.`
  return fr ? `${name} est maintenant un message ordinaire.` : `${name} is now an ordinary message.`
}

/** Elements that have sentences of their own above, by kind; whatever else a kind holds is told as it is written. */
const told: Readonly<Record<string, readonly string[]>> = {
  task: ['role', 'due', 'escalate', 'outcomes'],
  form: ['role', 'due', 'escalate'],
  message: ['template', 'to', 'channels', 'fallback', 'budget'],
}

function compareRest({ id, before, after }: Sides, kind: StepKind, add: Add): void {
  const elements = (step: Step): Readonly<Record<string, unknown>> => {
    const content: unknown = step[kind]
    return typeof content === 'object' && content !== null ? { ...content } : {}
  }
  const [a, b] = [elements(before.step), elements(after.step)]
  // Without a title of its own a step is called by its kind's.
  const called = before.step.title === undefined && after.step.title === undefined ? ['title'] : []
  const name = (l: Locale) => after.speaker.step(id, l)
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (same(a[key], b[key]) || [...called, ...(told[kind] ?? [])].includes(key)) continue
    add(
      `.${kind}.${key}`,
      both((l) =>
        turned(
          l,
          `${name(l)}, ${elementWords(key, l)}${l === 'fr' ? ' : ' : ': '}${written(b[key], l)}`,
          written(a[key], l),
        ),
      ),
    )
  }
}

const elementNames: Readonly<Record<string, Localized>> = {
  title: { en: 'title', fr: 'titre' },
  description: { en: 'description', fr: 'description' },
  for: { en: 'waits for', fr: 'attend' },
  until: { en: 'waits until', fr: 'attend jusqu’à' },
  less: { en: 'before that date', fr: 'avant cette date' },
  more: { en: 'after that date', fr: 'après cette date' },
  at: { en: 'at', fr: 'à' },
  events: { en: 'waits for events', fr: 'attend un évènement' },
  condition: { en: 'waits for a condition', fr: 'attend une condition' },
  'at-most': { en: 'waits at most', fr: 'attend au plus' },
  rules: { en: 'rules', fr: 'règles' },
  otherwise: { en: 'otherwise', fr: 'sinon' },
  questionnaire: { en: 'form', fr: 'formulaire' },
  code: { en: 'code', fr: 'code' },
  set: { en: 'variables it sets', fr: 'variables fixées' },
  pathway: { en: 'pathway', fr: 'parcours' },
  version: { en: 'version', fr: 'version' },
}
const elementWords = (key: string, l: Locale): string => elementNames[key]?.[l] ?? key

/** A value as people may read it: a duration and a text in their language in words, anything else as it is written. */
function written(value: unknown, l: Locale): string {
  if (value === undefined) return nothingWords(l)
  if (typeof value === 'string') return durationWords(value, l)
  if (typeof value === 'object' && value !== null && 'en' in value && 'fr' in value) return String(value[l])
  if (Array.isArray(value)) return value.map((one) => written(one, l)).join(', ')
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([key, one]) => `${key} ${written(one, l)}`)
      .join(', ')
  return String(value)
}
