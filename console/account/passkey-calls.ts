import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser'
import type { PasskeyAsked } from '../../src/contracts/index.ts'
import { ApiError, call } from '../api/call.ts'

const webAuthn = () => import('@simplewebauthn/browser')

/** What the browser or the person said no to; told as a refusal like any other. */
async function answered<T>(ask: Promise<T>): Promise<T> {
  try {
    return await ask
  } catch {
    throw new ApiError(400, 'passkey-not-given', '')
  }
}

async function prove(asked: PasskeyAsked): Promise<{ ticket: string; answer: unknown }> {
  const { startAuthentication } = await webAuthn()
  const optionsJSON = asked.options as unknown as PublicKeyCredentialRequestOptionsJSON
  return { ticket: asked.ticket, answer: await answered(startAuthentication({ optionsJSON })) }
}

/** Signs in with a passkey; with the ticket of a password as its second factor. */
export async function signInByPasskey(given: { ticket?: string; tenant?: string }): Promise<void> {
  const asked = await call<PasskeyAsked>('POST', '/api/session/passkey/options', given)
  const proof = await prove(asked)
  await call('POST', '/api/session/passkey', {
    ...proof,
    ...(given.tenant === undefined ? {} : { tenant: given.tenant }),
  })
}

export async function confirmByPasskey(): Promise<void> {
  const proof = await prove(await call<PasskeyAsked>('POST', '/api/session/confirm/options'))
  await call('POST', '/api/session/confirm', proof)
}

export async function makePasskey(name: string): Promise<void> {
  const { ticket, options } = await call<PasskeyAsked>('POST', '/api/account/passkeys/options')
  const { startRegistration } = await webAuthn()
  const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON
  const answer = await answered(startRegistration({ optionsJSON }))
  await call('POST', '/api/account/passkeys', { ticket, name, answer })
}
