import { kindOf, type Definition, type Locale, type Localized, type Role, stepsOf, type Template } from '../model.ts'
import { type Picture, pictureOf } from '../picture.ts'
import { quote } from '../words.ts'
import { compareStep } from './compare-step.ts'
import { both, kindWords, Speaker } from './words.ts'

/** One thing that differs between two definitions. */
export interface DefinitionChange {
  kind: 'added' | 'removed' | 'changed'
  /** Where in the definition: `tracks.intake.steps.triage.task.due`. Of what was removed, in the one before. */
  path: string
  step: string | null
  sentence: Localized
}

/** Both pictures in one: the steps and lines of the later one, and those of the earlier that are gone. */
export interface ComparedPicture {
  nodes: (Picture['nodes'][number] & { change: DefinitionChange['kind'] | null })[]
  edges: (Picture['edges'][number] & { change: 'added' | 'removed' | null })[]
}

export interface Compared {
  changes: DefinitionChange[]
  picture: ComparedPicture
}

/** A definition with the messages that belong to it. */
export interface Comparable {
  definition: Definition
  templates: readonly Template[]
}

/**
 * What differs from one version of a pathway to another, each difference as a sentence in both languages, in the order of
 * the definition; and the picture of both. Pure. Steps are the same when they have the same name.
 */
export function compareDefinitions(before: Comparable, after: Comparable, roles: readonly Role[]): Compared {
  const from = new Speaker(before.definition, roles)
  const to = new Speaker(after.definition, roles)
  const steps = compareSteps(from, to)
  const changes = [
    ...compareHead(from, to),
    ...compareLists(from, to),
    ...compareTracks(from, to),
    ...steps,
    ...compareTemplates(before.templates, after.templates),
  ]
  return { changes, picture: comparePictures(before.definition, after.definition, steps) }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

function compareSteps(from: Speaker, to: Speaker): DefinitionChange[] {
  const before = new Map(stepsOf(from.definition).map((one) => [one.id, one]))
  const after = stepsOf(to.definition)
  const names = new Set(after.map((one) => one.id))
  const gone = [...before.values()]
    .filter((one) => !names.has(one.id))
    .map(
      ({ id, track }): DefinitionChange => ({
        kind: 'removed',
        path: `tracks.${track}.steps.${id}`,
        step: id,
        sentence: both((l) =>
          l === 'fr' ? `${from.step(id, l)} n’y est plus.` : `${from.step(id, l)} is no longer there.`,
        ),
      }),
    )
  const rest = after.flatMap((one): DefinitionChange[] => {
    const old = before.get(one.id)
    if (old) return compareStep({ ...old, speaker: from }, { ...one, speaker: to })
    const { id, track, step } = one
    const after = (l: Locale) => to.after(step, l)
    return [
      {
        kind: 'added',
        path: `tracks.${track}.steps.${id}`,
        step: id,
        sentence: both((l) =>
          l === 'fr'
            ? `${to.step(id, l)} est nouveau : ${kindWords(kindOf(step), l)}, après ${after(l)}.`
            : `${to.step(id, l)} is new: ${kindWords(kindOf(step), l)}, after ${after(l)}.`,
        ),
      },
    ]
  })
  return [...gone, ...rest]
}

/** Title, owner, enrolment, what starts it and what else is said once. */
function compareHead(from: Speaker, to: Speaker): DefinitionChange[] {
  const [a, b] = [from.definition, to.definition]
  const changes: DefinitionChange[] = []
  const add = (path: string, say: (l: Locale) => string) =>
    changes.push({ kind: 'changed', path, step: null, sentence: both(say) })
  if (!same(a.title, b.title))
    add('title', (l) =>
      l === 'fr'
        ? `Le parcours s’appelle maintenant ${quote(b.title.fr, l)} au lieu de ${quote(a.title.fr, l)}.`
        : `The pathway is now called ${quote(b.title.en, l)} instead of ${quote(a.title.en, l)}.`,
    )
  if (!same(a.description, b.description))
    add('description', (l) => (l === 'fr' ? 'La description a changé.' : 'The description changed.'))
  if (a.owner !== b.owner)
    add('owner', (l) =>
      l === 'fr'
        ? `Le parcours relève maintenant de ${to.role(b.owner, l)} ; avant : ${from.role(a.owner, l)}.`
        : `The pathway is now owned by ${to.role(b.owner, l)}; before: ${from.role(a.owner, l)}.`,
    )
  if (a.enrolment !== b.enrolment && (a.enrolment === 'paused' || b.enrolment === 'paused'))
    add('enrolment', (l) =>
      b.enrolment === 'paused'
        ? l === 'fr'
          ? 'Plus personne ne commence ce parcours : les inscriptions sont suspendues.'
          : 'Nobody new begins this pathway: enrolment is paused.'
        : l === 'fr'
          ? 'Les inscriptions sont de nouveau ouvertes.'
          : 'Enrolment is open again.',
    )
  if (a.again !== b.again)
    add('again', (l) =>
      b.again === undefined
        ? l === 'fr'
          ? 'Le même déclencheur ne recommence plus de parcours une fois le premier terminé.'
          : 'The same cause no longer begins another journey once the first has ended.'
        : l === 'fr'
          ? 'Le même déclencheur peut recommencer un parcours une fois le dernier terminé.'
          : 'The same cause may begin another journey once the last has ended.',
    )
  if ((a.zone ?? 'clinic') !== (b.zone ?? 'clinic'))
    add('zone', (l) => {
      const patient = b.zone === 'patient'
      if (l === 'fr')
        return `Les jours et les heures suivent maintenant l’horloge de la ${patient ? 'personne soignée' : 'clinique'}.`
      return `Days and times now follow the ${patient ? 'patient’s' : 'clinic’s'} clock.`
    })
  return changes
}

/** Lists whose entries are told by what they are: what begins, stops, pauses and follows a journey; stages; variables. */
function compareLists(from: Speaker, to: Speaker): DefinitionChange[] {
  const [a, b] = [from.definition, to.definition]
  const changes: DefinitionChange[] = []
  const list = <T>(
    path: string,
    [before, after]: readonly [readonly T[], readonly T[]],
    say: (one: T, l: Locale) => string,
    words: { added: Localized; removed: Localized },
  ) => {
    const put = (kind: 'added' | 'removed', one: T, index: number) =>
      changes.push({
        kind,
        path: `${path}.${index}`,
        step: null,
        sentence: both((l) => `${words[kind][l]}${say(one, l)}.`),
      })
    before.forEach((one, index) => after.some((other) => same(one, other)) || put('removed', one, index))
    after.forEach((one, index) => before.some((other) => same(one, other)) || put('added', one, index))
  }
  const trigger = ({ on, when }: { on: string; when?: string | undefined }, l: Locale) =>
    when === undefined ? on : l === 'fr' ? `${on}, si ${when}` : `${on}, if ${when}`
  const titled = (one: { on: string; when?: string | undefined; title: Localized }, l: Locale) =>
    `${quote(one.title[l], l)}, ${trigger(one, l)}`
  list('starts', [a.starts, b.starts], trigger, {
    added: { en: 'It now begins on ', fr: 'Il commence maintenant par ' },
    removed: { en: 'It no longer begins on ', fr: 'Il ne commence plus par ' },
  })
  list('stops', [a.stops ?? [], b.stops ?? []], titled, {
    added: { en: 'It now stops on ', fr: 'Il s’arrête maintenant par ' },
    removed: { en: 'It no longer stops on ', fr: 'Il ne s’arrête plus par ' },
  })
  list('pauses', [a.pauses ?? [], b.pauses ?? []], titled, {
    added: { en: 'It now rests on ', fr: 'Il se suspend maintenant par ' },
    removed: { en: 'It no longer rests on ', fr: 'Il ne se suspend plus par ' },
  })
  list('follows', [a.follows ?? [], b.follows ?? []], trigger, {
    added: { en: 'It now keeps its variables current by ', fr: 'Il tient maintenant ses variables à jour par ' },
    removed: { en: 'It no longer keeps its variables current by ', fr: 'Il ne tient plus ses variables à jour par ' },
  })
  const variables = (one: Definition) => Object.entries(one.variables).map(([name, type]) => `${name} (${type})`)
  list('variables', [variables(a), variables(b)], (one) => one, {
    added: { en: 'New variable: ', fr: 'Nouvelle variable : ' },
    removed: { en: 'Variable taken away: ', fr: 'Variable retirée : ' },
  })
  changes.push(...compareStages(a, b))
  return changes
}

function compareStages(a: Definition, b: Definition): DefinitionChange[] {
  const changes: DefinitionChange[] = []
  const add = (kind: DefinitionChange['kind'], id: string, say: (l: Locale) => string) =>
    changes.push({ kind, path: `stages.${id}`, step: null, sentence: both(say) })
  for (const { id, title } of a.stages)
    if (!b.stages.some((one) => one.id === id))
      add('removed', id, (l) =>
        l === 'fr'
          ? `L’étape ${quote(title.fr, l)} n’y est plus.`
          : `The stage ${quote(title.en, l)} is no longer there.`,
      )
  for (const { id, title } of b.stages) {
    const old = a.stages.find((one) => one.id === id)
    if (!old)
      add('added', id, (l) =>
        l === 'fr' ? `L’étape ${quote(title.fr, l)} est nouvelle.` : `The stage ${quote(title.en, l)} is new.`,
      )
    else if (!same(old.title, title))
      add('changed', id, (l) =>
        l === 'fr'
          ? `L’étape ${quote(old.title.fr, l)} s’appelle maintenant ${quote(title.fr, l)}.`
          : `The stage ${quote(old.title.en, l)} is now called ${quote(title.en, l)}.`,
      )
  }
  const kept = (one: Definition, other: Definition) =>
    one.stages.map(({ id }) => id).filter((id) => other.stages.some((stage) => stage.id === id))
  if (!same(kept(a, b), kept(b, a)))
    add('changed', '', (l) =>
      l === 'fr' ? 'Les étapes sont dans un autre ordre.' : 'The stages are in another order.',
    )
  return changes
}

function compareTracks(from: Speaker, to: Speaker): DefinitionChange[] {
  const [a, b] = [from.definition.tracks, to.definition.tracks]
  const changes: DefinitionChange[] = []
  const add = (kind: DefinitionChange['kind'], path: string, say: (l: Locale) => string) =>
    changes.push({ kind, path: `tracks.${path}`, step: null, sentence: both(say) })
  const begins = (starts: (typeof a)[string]['starts'], speaker: Speaker, l: Locale): string => {
    if (starts === undefined) return l === 'fr' ? 'dès le début' : 'at once'
    if ('missed' in starts) {
      const names = starts.missed.map((step) => speaker.step(step, l)).join(', ')
      return l === 'fr' ? `quand ${names} est manqué` : `when ${names} is missed`
    }
    const on = `${starts.on}${starts.when === undefined ? '' : ` (${starts.when})`}`
    return l === 'fr' ? `sur ${on}` : `on ${on}`
  }
  for (const id of Object.keys(a))
    if (!b[id])
      add('removed', id, (l) =>
        l === 'fr'
          ? `La partie ${from.track(id, l)} n’y est plus.`
          : `The track ${from.track(id, l)} is no longer there.`,
      )
  for (const [id, track] of Object.entries(b)) {
    const old = a[id]
    if (!old) {
      add('added', id, (l) =>
        l === 'fr'
          ? `La partie ${to.track(id, l)} est nouvelle ; elle commence ${begins(track.starts, to, l)}.`
          : `The track ${to.track(id, l)} is new; it begins ${begins(track.starts, to, l)}.`,
      )
      continue
    }
    if (!same(old.title, track.title))
      add('changed', `${id}.title`, (l) =>
        l === 'fr'
          ? `La partie ${from.track(id, l)} s’appelle maintenant ${to.track(id, l)}.`
          : `The track ${from.track(id, l)} is now called ${to.track(id, l)}.`,
      )
    if (!same(old.starts, track.starts))
      add('changed', `${id}.starts`, (l) =>
        l === 'fr'
          ? `La partie ${to.track(id, l)} commence maintenant ${begins(track.starts, to, l)} ; avant : ${begins(old.starts, from, l)}.`
          : `The track ${to.track(id, l)} now begins ${begins(track.starts, to, l)}; before: ${begins(old.starts, from, l)}.`,
      )
    if (!same(old.stops ?? [], track.stops ?? [])) {
      const words = (stops: typeof track.stops, l: Locale) =>
        (stops ?? []).map((one) => `${one.on}${one.when === undefined ? '' : ` (${one.when})`}`).join(', ') ||
        (l === 'fr' ? 'rien' : 'nothing')
      add('changed', `${id}.stops`, (l) =>
        l === 'fr'
          ? `La partie ${to.track(id, l)} est maintenant arrêtée par ${words(track.stops, l)} ; avant : ${words(old.stops, l)}.`
          : `The track ${to.track(id, l)} is now stopped by ${words(track.stops, l)}; before: ${words(old.stops, l)}.`,
      )
    }
    if ((old.again ?? false) !== (track.again ?? false))
      add('changed', `${id}.again`, (l) =>
        track.again
          ? l === 'fr'
            ? `La partie ${to.track(id, l)} peut maintenant recommencer.`
            : `The track ${to.track(id, l)} may now begin again.`
          : l === 'fr'
            ? `La partie ${to.track(id, l)} ne recommence plus.`
            : `The track ${to.track(id, l)} no longer begins again.`,
      )
  }
  return changes
}

const partWords: Readonly<Record<'subject' | 'body' | 'sms', Localized>> = {
  subject: { en: 'subject', fr: 'objet' },
  body: { en: 'letter', fr: 'lettre' },
  sms: { en: 'SMS', fr: 'texto' },
}

/** Messages that a version has of its own; one that it no longer has is the library's again. */
function compareTemplates(before: readonly Template[], after: readonly Template[]): DefinitionChange[] {
  const changes: DefinitionChange[] = []
  const add = (kind: DefinitionChange['kind'], path: string, say: (l: Locale) => string) =>
    changes.push({ kind, path: `templates.${path}`, step: null, sentence: both(say) })
  for (const { template } of before)
    if (!after.some((one) => one.template === template))
      add('removed', template, (l) =>
        l === 'fr'
          ? `Le message ${template} reprend le texte de la bibliothèque.`
          : `The message ${template} has the library’s text again.`,
      )
  for (const one of after) {
    const old = before.find((other) => other.template === one.template)
    if (!old) {
      add('added', one.template, (l) =>
        l === 'fr'
          ? `Le message ${one.template} a maintenant un texte propre à ce parcours.`
          : `The message ${one.template} now has a text of this pathway’s own.`,
      )
      continue
    }
    for (const part of ['subject', 'body', 'sms'] as const)
      for (const language of ['en', 'fr'] as const)
        if (old[part][language] !== one[part][language])
          add('changed', `${one.template}.${part}.${language}`, (l) => {
            const [from, to] = [old[part][language], one[part][language]].map((text) => quote(text, l))
            const tongue = { en: { en: 'English', fr: 'anglais' }, fr: { en: 'French', fr: 'français' } }[language][l]
            return l === 'fr'
              ? `Le message ${one.template} dit maintenant en ${tongue} (${partWords[part].fr}) : ${to} au lieu de ${from}.`
              : `The message ${one.template} now says in ${tongue} (${partWords[part].en}): ${to} instead of ${from}.`
          })
  }
  return changes
}

function comparePictures(before: Definition, after: Definition, steps: readonly DefinitionChange[]): ComparedPicture {
  const [old, now] = [pictureOf(before), pictureOf(after)]
  const changed = new Map(steps.map((one) => [one.step, one.kind]))
  const key = ({ from, to, outcome }: Picture['edges'][number]) => `${from}.${outcome ?? ''}>${to}`
  const [oldEdges, newEdges] = [new Set(old.edges.map(key)), new Set(now.edges.map(key))]
  const names = new Set(now.nodes.map((one) => one.id))
  return {
    nodes: [
      ...now.nodes.map((node) => ({ ...node, change: changed.get(node.id) ?? null })),
      ...old.nodes.filter((node) => !names.has(node.id)).map((node) => ({ ...node, change: 'removed' as const })),
    ],
    edges: [
      ...now.edges.map((edge) => ({ ...edge, change: oldEdges.has(key(edge)) ? null : ('added' as const) })),
      ...old.edges.filter((edge) => !newEdges.has(key(edge))).map((edge) => ({ ...edge, change: 'removed' as const })),
    ],
  }
}
