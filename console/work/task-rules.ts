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
export const isAsking = (act: Act): act is Asking => asking.some((one) => one === act)

export const keyOf: Readonly<Record<Act, string>> = {
  claim: 'c',
  start: 's',
  complete: 'e',
  release: 'r',
  decline: 'd',
  reassign: 'a',
  snooze: 'z',
  comment: 'm',
  'give-up': 'x',
  acknowledge: 'i',
  'hand-off': 'h',
  'ask-sign-off': 'v',
  'off-system': 'o',
}

const closed = new Set(['completed', 'cancelled', 'rejected', 'failed', 'entered-in-error'])
export const isOpen = (item: Pick<WorkItem, 'status'>): boolean => !closed.has(item.status)

export const isMine = (item: Pick<WorkItem, 'owner'>, account: Account): boolean =>
  item.owner !== null && item.owner.reference === account.practitioner

/** What this person may do with a task now. The server decides; this only spares them a refusal. */
export function actsFor(item: WorkItem & { form?: string | null }, account: Account): Act[] {
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
  const acts: Act[] = []
  if (item.level?.unacknowledged === true) acts.push('acknowledge')
  if (item.owner === null && account.practitioner !== null) acts.push('claim')
  if (mine) {
    if (item.status !== 'in-progress') acts.push('start')
    // What asks for a form is done by sending the form in.
    acts.push(item.form ? 'give-up' : 'complete', 'release', 'decline', 'hand-off', 'ask-sign-off')
  } else if (item.owner !== null && may('work.manage')) acts.push('release')
  return [...acts, 'reassign', 'snooze', 'comment', 'off-system']
}
