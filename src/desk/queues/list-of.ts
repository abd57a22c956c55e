import type { CallContext } from '../../kernel/index.ts'
import type { WorkList } from '../../work/index.ts'

type Open = Exclude<WorkList, { list: 'done' }>

/** Whose tasks a list of that name means for this caller: theirs, their roles' queues, or a named role's. */
export function listOf(
  { actor }: CallContext,
  roles: readonly { id: string }[],
  asked: { list: Open['list']; role?: string | undefined },
): Open {
  switch (asked.list) {
    case 'mine':
      return { list: 'mine', owner: actor.reference ?? '' }
    case 'queue':
      return {
        list: 'queue',
        roles:
          asked.role === undefined ? actor.roles.filter((role) => roles.some(({ id }) => id === role)) : [asked.role],
      }
    case 'all':
      return { list: 'all' }
    case 'unowned':
      return { list: 'unowned' }
  }
}
