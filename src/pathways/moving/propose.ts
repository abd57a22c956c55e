import type { MoveMapping, MoveEditor } from '../../contracts/index.ts'
import { titleOf } from '../graph.ts'
import { type Definition, type Localized, outcomesOf, predecessorsOf, type Step, stepsOf } from '../model.ts'
import { fits } from './fits.ts'

export interface ProposedMapping {
  mapping: MoveMapping
  /** Each pair with what speaks for it. */
  pairs: MoveEditor['pairs']
}

/** Below this share of likeness two steps of different names are not proposed as one. */
const enough = 0.5

/**
 * How the journeys of one version may stand in another: steps of the same name and nature are paired; others by likeness,
 * with the reason; what has no counterpart is to be done first as it is, until a person says otherwise. Pure.
 */
export function proposeMapping(from: Definition, to: Definition): ProposedMapping {
  const old = new Map(stepsOf(from).map((one) => [one.id, one]))
  const fresh = new Map(stepsOf(to).map((one) => [one.id, one]))
  const paired = new Map<string, string>()
  const pairs: ProposedMapping['pairs'] = []
  const taken = new Set<string>()
  const pair = (one: string, other: string, because: Localized) => {
    paired.set(one, other)
    taken.add(other)
    pairs.push({ from: one, to: other, because })
  }
  for (const [id, { step }] of old) {
    const same = fresh.get(id)
    if (same && fits(step, same.step)) pair(id, id, { en: 'The same name and kind.', fr: 'Même nom et même genre.' })
  }
  const likely = [...old].flatMap(([one, { step, track }]) =>
    paired.has(one)
      ? []
      : [...fresh].flatMap(([other, candidate]) => {
          if (taken.has(other) || !fits(step, candidate.step)) return []
          const { share, because } = likeness({ id: one, step, track }, candidate, paired)
          return share < enough ? [] : [{ one, other, share, because }]
        }),
  )
  for (const { one, other, because } of likely.toSorted((a, b) => b.share - a.share))
    if (!paired.has(one) && !taken.has(other)) pair(one, other, because)

  const steps: MoveMapping['steps'] = {}
  for (const [id, { step }] of old) {
    const other = paired.get(id)
    const counterpart = other === undefined ? undefined : fresh.get(other)?.step
    steps[id] =
      other === undefined || !counterpart
        ? { do: 'keep' }
        : { do: 'pair', to: other, times: 'keep', role: 'follow', ...outcomesLike(step, counterpart) }
  }
  return {
    pairs,
    mapping: {
      steps,
      added: Object.fromEntries([...fresh.keys()].flatMap((id) => (taken.has(id) ? [] : [[id, 'if-not-passed']]))),
      stages: pairNames(
        from.stages.map((stage) => [stage.id, stage.title.en]),
        to.stages.map((stage) => [stage.id, stage.title.en]),
      ),
      variables: Object.fromEntries(
        Object.entries(from.variables).map(([name, type]) => [name, to.variables[name] === type ? name : null]),
      ),
      ...proposeTracks(from, to, paired),
    },
  }
}

/** Outcomes that were given another code: those left over on both sides, of the same title. */
function outcomesLike(one: Step, other: Step): { outcomes?: Record<string, string> } {
  const known = new Set(outcomesOf(other))
  const titles = new Map((other.task?.outcomes ?? []).map((outcome) => [outcome.title.en, outcome.code]))
  const renamed = (one.task?.outcomes ?? []).flatMap(({ code, title }) => {
    const now = titles.get(title.en)
    return known.has(code) || now === undefined ? [] : [[code, now]]
  })
  return renamed.length > 0 ? { outcomes: Object.fromEntries(renamed) } : {}
}

const wordsOf = (text: string): Set<string> =>
  new Set(
    text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter(Boolean),
  )

/** The share of words that two texts have in common (Jaccard). */
function common(one: string, other: string): number {
  const [a, b] = [wordsOf(one), wordsOf(other)]
  const both = [...a].filter((word) => b.has(word)).length
  return both === 0 ? 0 : both / (a.size + b.size - both)
}

interface Named {
  id: string
  track: string
  step: Step
}

/** How alike two steps of the same nature are, from 0 to 1, and what is alike. */
function likeness(
  one: Named,
  other: Named,
  paired: ReadonlyMap<string, string>,
): { share: number; because: Localized } {
  const title = Math.max(
    common(titleOf(one.id, one.step).en, titleOf(other.id, other.step).en),
    common(titleOf(one.id, one.step).fr, titleOf(other.id, other.step).fr),
  )
  const role = roleOf(one.step) !== undefined && roleOf(one.step) === roleOf(other.step)
  const text = one.step.message?.template !== undefined && one.step.message.template === other.step.message?.template
  const before = predecessorsOf(one.step).from.map((edge) => paired.get(edge.step))
  const place = before.length > 0 && predecessorsOf(other.step).from.some((edge) => before.includes(edge.step))
  const stage = one.step.stage !== undefined && one.step.stage === other.step.stage
  const alike = [
    { share: 0.5 * title, en: 'the title', fr: 'le titre' },
    { share: role ? 0.2 : 0, en: 'the role', fr: 'le rôle' },
    { share: text ? 0.4 : 0, en: 'the template', fr: 'le modèle' },
    { share: place ? 0.3 : 0, en: 'the step before', fr: 'l’étape précédente' },
    { share: stage ? 0.1 : 0, en: 'the stage', fr: 'la phase' },
  ].filter((reason) => reason.share > 0)
  return {
    share: alike.reduce((sum, reason) => sum + reason.share, 0),
    because: {
      en: `The same kind under another name; alike: ${alike.map((reason) => reason.en).join(', ')}.`,
      fr: `Même genre sous un autre nom ; en commun : ${alike.map((reason) => reason.fr).join(', ')}.`,
    },
  }
}

const roleOf = (step: Step): string | undefined => step.task?.role ?? step.form?.role

/** Names that stayed; then those of the same title. */
function pairNames(
  old: readonly (readonly [id: string, title: string])[],
  fresh: readonly (readonly [id: string, title: string])[],
): Record<string, string | null> {
  const kept = new Set(old.flatMap(([id]) => (fresh.some(([other]) => other === id) ? [id] : [])))
  return Object.fromEntries(
    old.map(([id, title]) => [
      id,
      kept.has(id) ? id : (fresh.find(([other, name]) => !kept.has(other) && name === title)?.[0] ?? null),
    ]),
  )
}

/** A track that has gone goes on as the one that most of its steps went to, if that is new. */
function proposeTracks(
  from: Definition,
  to: Definition,
  paired: ReadonlyMap<string, string>,
): Pick<MoveMapping, 'tracks' | 'tracksAdded'> {
  const homes = new Map(stepsOf(to).map(({ id, track }) => [id, track]))
  const taken = new Set<string>()
  const tracks: MoveMapping['tracks'] = {}
  for (const id of Object.keys(from.tracks))
    if (to.tracks[id]) {
      tracks[id] = id
      taken.add(id)
    }
  for (const [id, { steps }] of Object.entries(from.tracks)) {
    if (tracks[id] !== undefined) continue
    const went = Object.keys(steps).flatMap((name) => homes.get(paired.get(name) ?? '') ?? [])
    const home = went.find((one) => !taken.has(one)) ?? null
    tracks[id] = home
    if (home !== null) taken.add(home)
  }
  const tracksAdded = Object.fromEntries(
    Object.entries(to.tracks).flatMap(([id, track]) => (taken.has(id) || track.starts ? [] : [[id, 'begin' as const]])),
  )
  return { tracks, tracksAdded }
}

/** Steps of the new version that each step of the old one may be paired with. */
export const fitting = (from: Definition, to: Definition): Record<string, string[]> =>
  Object.fromEntries(
    stepsOf(from).map((one) => [
      one.id,
      stepsOf(to).flatMap((other) => (fits(one.step, other.step) ? [other.id] : [])),
    ]),
  )
