import { createContext, useContext } from 'react'
import type { Session } from '../../src/contracts/index.ts'

export type Account = NonNullable<Session['account']>

export const AccountContext = createContext<Account | undefined>(undefined)

/** Who is signed in, and what they may do. Only inside the shell, where somebody is. */
export function useAccount(): Account & { may(permission: string): boolean } {
  const account = useContext(AccountContext)
  if (!account) throw new Error('nobody is signed in here')
  return { ...account, may: (permission) => account.permissions.includes(permission) }
}
