import type { z } from 'zod'
import type { identity } from '../contracts/index.ts'
import type { Database } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { myAccountOf } from './accounts.ts'
import { refuse } from './errors.ts'
import { giveBack } from './gate.ts'
import { confirmsByPasskey, type Site } from './passkeys.ts'
import { passwordHolds } from './passwords.ts'
import type { Vault } from './vault.ts'
import { takeRecoveryCode, takeTotp } from './second-factor.ts'
import { noteProof } from './sessions.ts'
import { countFactorTry, noteFailure } from './sign-in.ts'

/**
 * A fresh proof by the person who is signed in: their password, a code or a passkey. Counted like a second factor, so that
 * whoever finds an open screen cannot guess on. Returns until when it holds, in milliseconds.
 */
export async function confirmPerson(
  database: Database,
  context: CallContext,
  { vault, site }: { vault: Vault; site: Site | undefined },
  given: z.infer<typeof identity.confirmation>,
): Promise<number> {
  if (context.session === undefined || context.actor.kind !== 'account') throw refuse('people-only')
  const { last, success } = await countFactorTry(database, context, context.actor.id)
  const until = await database.transaction(context.tenant, async (tx) => {
    const account = await myAccountOf(tx, context)
    const right =
      'password' in given
        ? await passwordHolds(account.password_hash, given.password)
        : 'code' in given
          ? (await takeTotp(tx, context, vault, account, given.code)) ||
            (await takeRecoveryCode(tx, context, account.id, given.code))
          : await confirmsByPasskey(tx, context, site, given)
    if (!right) return undefined
    await giveBack(tx, context, success)
    return noteProof(tx, context, 'password' in given ? 'password' : 'code' in given ? 'code' : 'passkey')
  })
  if (until !== undefined) return until
  await noteFailure(database, context, { last, account: context.actor.id, code: 'confirmed', reason: 'not-confirmed' })
  throw refuse('password' in given ? 'password-wrong' : 'code' in given ? 'code-wrong' : 'passkey-refused')
}
