import type { WorkItem } from '../../src/contracts/index.ts'
import type { Account } from '../parts/session-context.ts'

export type Act =
  | 'claim'
  | 'start'
  | 'complete'
  | 'release'
  | 'decline'
  | 'reassign'
  | 'snooze'
  | 'comment'
  | 'give-up'
  | 'acknowledge'
  | 'off-system'
  | 'hand-off'
  | 'ask-sign-off'
  | 'delegate'
  | 'split'
  | 'merge'
  | 'wait-for'
  | 'stop-waiting'

/** What is offered as a button of its own; one stops waiting at what a task waits for. */
export type Offered = Exclude<Act, 'stop-waiting'>

/** The acts that ask for something first. */
export const asking = [
  'complete',
  'decline',
  'reassign',
  'snooze',
  'comment',
  'give-up',
  'hand-off',
  'ask-sign-off',
  'off-system',
] as const
export type Asking = (typeof asking)[number]
/** The acts that concern other tasks, or another person's doing of this one. */
export const joining = ['delegate', 'split', 'merge', 'wait-for'] as const
export type Joining = (typeof joining)[number]
export const isJoining = (act: Act): act is Joining => joining.some((one) => one === act)

/** Those that are wanted seldom: behind one button, and by their keys. */
export const seldom: readonly Offered[] = [
  'decline',
  'hand-off',
  'delegate',
  'ask-sign-off',
  'split',
  'merge',
  'wait-for',
  'off-system',
]
export const isAsking = (act: Act): act is Asking => asking.some((one) => one === act)

export const keyOf: Readonly<Record<Offered, string>> = {
  claim: 'c',
  start: 's',
  complete: 'e',
  release: 'r',
  decline: 'd',
  reassign: 'a',
  snooze: 'z',
  comment: 'm',
  'give-up': 't',
  acknowledge: 'i',
  'hand-off': 'h',
  'ask-sign-off': 'v',
  'off-system': 'o',
  delegate: 'l',
  split: 'p',
  merge: 'u',
  'wait-for': 'q',
}

const closed = new Set(['completed', 'cancelled', 'rejected', 'failed', 'entered-in-error'])
export const isOpen = (item: Pick<WorkItem, 'status'>): boolean => !closed.has(item.status)

export const isMine = (item: Pick<WorkItem, 'owner'>, account: Account): boolean =>
  item.owner !== null && item.owner.reference === account.practitioner

/** What this person may do with a task now. The server decides; this only spares them a refusal. */
export function actsFor(item: WorkItem & { form?: string | null }, account: Account): Offered[] {
  const may = (permission: string) => account.permissions.includes(permission)
  if (!may('work.act')) return []
  if (!isOpen(item)) return ['comment']
  const mine = isMine(item, account)
  const forMe =
    mine ||
    item.role === null ||
    [item.role, ...item.escalatedTo].some((role) => account.roles.includes(role)) ||
    may('work.manage')
  if (!forMe) return []
  const acts: Offered[] = []
  if (item.level?.unacknowledged === true) acts.push('acknowledge')
  if (item.owner === null && account.practitioner !== null) acts.push('claim')
  if (mine) {
    if (item.status !== 'in-progress') acts.push('start')
    // What asks for a form is done by sending the form in.
    acts.push(item.form ? 'give-up' : 'complete', 'release', 'decline', 'hand-off', 'delegate', 'ask-sign-off')
  } else if (item.owner !== null && may('work.manage')) acts.push('release')
  if (item.patient !== null) acts.push('merge', 'wait-for')
  return [...acts, 'split', 'reassign', 'snooze', 'comment', 'off-system']
}
