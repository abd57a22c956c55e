import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import type { Database } from '../../db/index.ts'
import { type CallContext, parseScope } from '../../kernel/index.ts'
import { findClient } from '../clients.ts'
import { keepGrant } from '../grants.ts'
import { type Launch, readLaunch, useLaunch } from '../launches.ts'
import type { Vault } from '../vault.ts'
import { endSessions, standingOf } from '../sessions.ts'
import { narrowScope } from './narrow-scope.ts'
import {
  comeAgainPage,
  consentPage,
  failurePage,
  localeOf,
  pageHeaders,
  patientPage,
  type Person,
  signInAgainPage,
} from './pages.ts'
import { askedLines } from './scope-words.ts'

/** How the picker asks the record: only for patients whom the caller may see. */
export interface Patients {
  /** At most `limit`, those whose name or identifier matches; any when `text` is empty. */
  search(context: CallContext, text: string, limit: number): Promise<Person[]>
  read(context: CallContext, reference: string): Promise<Person | undefined>
}

export interface InteractionOptions {
  provider: Provider
  database: Database
  vault: Vault
  patients: Patients
  audience: string
  /** The person whose session the request's cookie tells; undefined for nobody, and for who must first set up a factor. */
  person(request: IncomingMessage): Promise<CallContext | undefined>
  permitted(context: CallContext, permission: string): boolean
}

const shown = 20
const mostBody = 16_384

/** A form's fields; a body that is larger than any of ours ends the request. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > mostBody) throw new Error('the form is too large')
  }
  return new URLSearchParams(text)
}

const send = (response: ServerResponse, status: number, html: string, formTo = ''): void => {
  for (const [name, value] of Object.entries(pageHeaders(formTo))) response.setHeader(name, value)
  response.statusCode = status
  response.end(html)
}

const redirect = (response: ServerResponse, address: string): void => {
  response.statusCode = 303
  response.setHeader('location', address)
  response.setHeader('cache-control', 'no-store')
  response.end()
}

/** Where a form's answer leads in the end: Chromium holds redirects after a form to `form-action` too. */
function formTarget(redirectUri: string): string {
  const { protocol, origin } = new URL(redirectUri)
  return protocol === 'https:' || protocol === 'http:' ? origin : protocol
}

/**
 * What a person sees between an application's question and our answer: sign-in if they are not (at the console's own page),
 * the choice of a patient where one is needed, and their consent.
 */
export async function interact(
  options: InteractionOptions,
  request: IncomingMessage & { originalUrl?: string },
  response: ServerResponse,
): Promise<void> {
  const { provider, database, vault } = options
  const address = request.originalUrl ?? request.url ?? ''
  const guest = localeOf(request.headers['accept-language'])
  const details = await provider.interactionDetails(request, response).catch(() => undefined)
  if (!details) return send(response, 400, failurePage(guest, 'expired', ''))
  const context = await options.person(request)
  if (!context) {
    if (!address.includes('?')) return send(response, 200, comeAgainPage(guest, `${address}?again`))
    return redirect(response, `/sign-in?${new URLSearchParams({ onward: address.replace(/\?.*$/, '') })}`)
  }
  const { locale, actor, tenant } = context
  const inTx = <T>(work: Parameters<typeof database.transaction<T>>[1]) => database.transaction(tenant, work)
  const clientId = String(details.params['client_id'])
  const redirectUri = String(details.params['redirect_uri'])
  const formTo = formTarget(redirectUri)
  const client = await inTx((tx) => findClient(tx, clientId))
  if (!client || client.disabled) return send(response, 400, failurePage(locale, 'invalid_client', clientId))

  const csrf = createHmac('sha256', vault.derive('oauth-form'))
    .update(`${context.session} ${details.uid}`)
    .digest('base64url')
  const form = request.method === 'POST' ? await readForm(request) : new URLSearchParams()
  if (request.method === 'POST') {
    const given = Buffer.from(form.get('csrf') ?? '')
    if (given.length !== csrf.length || !timingSafeEqual(given, Buffer.from(csrf)))
      return send(response, 403, failurePage(locale, 'cross-site', ''))
  }
  const answer = (result: Parameters<Provider['interactionFinished']>[2]) =>
    provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
  const asked = form.get('do')
  if (asked === 'deny') return answer({ error: 'access_denied', error_description: 'the person did not allow it' })

  // The app may ask for a sign-in that is fresh (prompt=login, max_age).
  const standing = await inTx((tx) => standingOf(tx, context))
  const provedAt = standing?.provedAt ?? 0
  const maxAge = Number(details.params['max_age'] ?? Number.NaN)
  const stale =
    (details.prompt.reasons.includes('login_prompt') && provedAt < details.iat * 1000 - 60_000) ||
    (details.prompt.reasons.includes('max_age') && provedAt < context.clock.now() - maxAge * 1000)
  if (stale && asked === 'sign-in') {
    await inTx((tx) => endSessions(tx, context, { hash: context.session ?? '' }, 'sign-out'))
    return redirect(response, address.replace(/\?.*$/, ''))
  }
  if (stale) return send(response, 200, signInAgainPage(locale, { client: client.name, fields: { csrf } }), formTo)

  const scope = narrowScope(String(details.params['scope'] ?? ''), client.scope)
  const token = details.params['launch']
  let launch: Launch = { patient: null, encounter: null, intent: null }
  if (typeof token === 'string') {
    const found = await inTx((tx) => readLaunch(tx, context, token, client.id))
    if (!found)
      return answer({ error: 'invalid_request', error_description: 'launch is unknown, used, too old or another’s' })
    launch = found
  }
  const needsPatient = scope.includes('launch/patient') || scope.some((word) => parseScope(word)?.level === 'patient')
  const mayRead = options.permitted(context, 'record.read')
  const chosen = launch.patient ?? form.get('patient')
  const patient = chosen === null || !mayRead ? undefined : await options.patients.read(context, chosen)
  if (launch.patient !== null && !patient)
    return answer({ error: 'access_denied', error_description: 'the person may not see the patient of the launch' })
  if (needsPatient && (!patient || asked === 'choose')) {
    const sought = form.get('q') ?? ''
    const found = mayRead ? await options.patients.search(context, sought, shown + 1) : []
    const [only] = found
    // Whoever may see one patient only is not asked which.
    if (!(sought === '' && found.length === 1 && only && asked !== 'choose'))
      return send(
        response,
        200,
        patientPage(locale, {
          client: client.name,
          sought,
          found: found.slice(0, shown),
          more: found.length > shown,
          fields: { csrf },
        }),
        formTo,
      )
    return decide(only)
  }
  return decide(needsPatient || launch.patient !== null ? patient : undefined)

  async function decide(about: Person | undefined): Promise<void> {
    if (!client || !context) return
    const lines = askedLines(scope, locale)
    if (asked !== 'allow' && !client.trusted)
      return send(
        response,
        200,
        consentPage(locale, {
          client: client.name,
          account: actor.name,
          goesTo: new URL(redirectUri).host || redirectUri,
          lines,
          patient: about,
          choosable: launch.patient === null,
          fields: { csrf, ...(about ? { patient: `Patient/${about.id}` } : {}) },
        }),
        formTo,
      )
    const ticked = new Set(form.getAll('scope').flatMap((words) => words.split(' ')))
    const listed = new Set(lines.flatMap(({ words }) => words))
    // What is not listed follows from the rest: the launch's own words.
    const granted = scope.filter((word) => (client.trusted ? true : listed.has(word) ? ticked.has(word) : true))
    const useful = granted.some((word) => listed.has(word))
    if (!useful) return answer({ error: 'access_denied', error_description: 'the person allowed none of it' })
    if (typeof token === 'string' && !(await inTx((tx) => useLaunch(tx, context, token, client.id))))
      return answer({ error: 'invalid_request', error_description: 'launch was used already' })
    const grant = new provider.Grant({ accountId: actor.id, clientId: client.id })
    // Every word is granted at the record's address, so that the answer to the app names them all.
    grant.addOIDCScope(granted.join(' '))
    grant.addResourceScope(options.audience, granted.join(' '))
    const rejected = scope.filter((word) => !granted.includes(word)).join(' ')
    if (rejected !== '') {
      grant.rejectOIDCScope(rejected)
      grant.rejectResourceScope(options.audience, rejected)
    }
    const grantId = await grant.save()
    await inTx((tx) =>
      keepGrant(tx, context, {
        id: grantId,
        client: client.id,
        account: actor.id,
        session: context.session ?? null,
        offline: granted.includes('offline_access'),
        scope: granted.join(' '),
        patient: about ? `Patient/${about.id}` : null,
        encounter: launch.encounter,
        intent: launch.intent,
      }),
    )
    return answer({
      login: { accountId: actor.id, remember: false, ts: Math.floor(provedAt / 1000) },
      consent: { grantId },
    })
  }
}
