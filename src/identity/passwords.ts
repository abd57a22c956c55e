import { hash, verify } from '@node-rs/argon2'
import { refuse } from './errors.ts'
import { isGuessable } from './weak-passwords.ts'

// OWASP's second choice for Argon2id: 19 MiB, two passes, one lane.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const shortest = 12
const longest = 200

export interface AboutPerson {
  email: string
  name: string
  organisation?: string
}

/** Refuses a password that is too short or among the first to be guessed. `path`: where it stands in what was sent. */
export function refuseWeak(password: string, about: AboutPerson, path = 'password'): void {
  const own = [
    about.email,
    about.email.replace(/@.*/, ''),
    ...about.name.split(' '),
    ...(about.organisation ?? '').split(' '),
  ]
  const message =
    password.length < shortest
      ? `has fewer than ${shortest} characters`
      : password.length > longest
        ? `has more than ${longest} characters`
        : isGuessable(password, own)
          ? 'is easy to guess: a common word, a run of keys, a repetition, or your own name'
          : undefined
  if (message !== undefined) throw refuse('password-weak', { faults: [{ path, message }] })
}

export const hashPassword = (password: string): Promise<string> => hash(password, cost)

// Verified against when there is no such account or it has no password, so that the answer takes as long.
const nobody = hash('no account has this password', cost)

export async function passwordHolds(stored: string | null | undefined, password: string): Promise<boolean> {
  const right = await verify(stored ?? (await nobody), password)
  return right && typeof stored === 'string'
}
