import type { MoveMapping } from '../../contracts/index.ts'
import { type Definition, kindOf, outcomesOf, stepsOf } from '../model.ts'
import { fits } from './fits.ts'

export interface MappingFault {
  code: string
  path: string
  message: string
}

/** What is wrong with a mapping that has the right shape: names that do not exist, pairs that do not fit. */
export function checkMapping(from: Definition, to: Definition, mapping: MoveMapping): MappingFault[] {
  const faults: MappingFault[] = []
  const find = (code: string, path: string, message: string) => faults.push({ code, path, message })
  const old = new Map(stepsOf(from).map((one) => [one.id, one.step]))
  const fresh = new Map(stepsOf(to).map((one) => [one.id, one.step]))
  const twice = new Set<string>()
  for (const [id, choice] of Object.entries(mapping.steps)) {
    const path = `steps.${id}`
    const step = old.get(id)
    if (!step) {
      find('unknown-step', path, `the old version has no step ${id}`)
      continue
    }
    // The other journey would be stopped for good: that is a decision of its own.
    if (choice.do === 'withdraw' && step.start)
      find('withdraws-journey', path, `${id} has begun a journey of its own; keep it until done, or ask a person`)
    if (choice.do !== 'pair') continue
    const other = fresh.get(choice.to)
    if (!other) find('unknown-step', `${path}.to`, `the new version has no step ${choice.to}`)
    else if (!fits(step, other))
      find(
        'unlike-steps',
        `${path}.to`,
        `${id} is ${kindOf(step)}, and cannot go on as ${choice.to}, which asks for something else`,
      )
    if (twice.has(choice.to)) find('paired-twice', `${path}.to`, `${choice.to} has a counterpart already`)
    twice.add(choice.to)
    for (const [code, now] of Object.entries(choice.outcomes ?? {})) {
      if (!outcomesOf(step).includes(code))
        find('unknown-outcome', `${path}.outcomes.${code}`, `${id} has no outcome ${code}`)
      if (other && !outcomesOf(other).includes(now))
        find('unknown-outcome', `${path}.outcomes.${code}`, `${choice.to} has no outcome ${now}`)
    }
  }
  for (const id of old.keys())
    if (!mapping.steps[id]) find('step-left-out', `steps.${id}`, `the mapping does not say what becomes of ${id}`)
  for (const id of Object.keys(mapping.added)) {
    if (!fresh.has(id)) find('unknown-step', `added.${id}`, `the new version has no step ${id}`)
    else if (twice.has(id)) find('not-added', `added.${id}`, `${id} has a counterpart in the old version`)
  }
  names(
    mapping.stages,
    'stages',
    from.stages.map((one) => one.id),
    to.stages.map((one) => one.id),
    find,
  )
  names(mapping.variables, 'variables', Object.keys(from.variables), Object.keys(to.variables), find)
  for (const [name, other] of Object.entries(mapping.variables))
    if (other !== null && to.variables[other] !== undefined && to.variables[other] !== from.variables[name])
      find(
        'variable-type',
        `variables.${name}`,
        `${name} holds ${from.variables[name]}, ${other} holds ${to.variables[other]}`,
      )
  names(mapping.tracks, 'tracks', Object.keys(from.tracks), Object.keys(to.tracks), find)
  for (const id of Object.keys(mapping.tracksAdded))
    if (!to.tracks[id]) find('unknown-track', `tracksAdded.${id}`, `the new version has no track ${id}`)
  return faults
}

/** Names of one kind: each known on its side, and no two of them made one. */
function names(
  pairs: Readonly<Record<string, string | null>>,
  kind: 'stages' | 'variables' | 'tracks',
  old: readonly string[],
  fresh: readonly string[],
  find: (code: string, path: string, message: string) => void,
): void {
  const code = `unknown-${kind.slice(0, -1)}`
  const seen = new Set<string>()
  for (const [name, other] of Object.entries(pairs)) {
    if (!old.includes(name)) find(code, `${kind}.${name}`, `the old version has no ${name}`)
    if (other === null) continue
    if (!fresh.includes(other)) find(code, `${kind}.${name}`, `the new version has no ${other}`)
    // Two stages may become one; two values or two tracks may not.
    if (kind !== 'stages' && seen.has(other))
      find('paired-twice', `${kind}.${name}`, `${other} has a counterpart already`)
    seen.add(other)
  }
}
