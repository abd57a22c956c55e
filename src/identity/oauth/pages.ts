import type { KoaContextWithOIDC } from 'oidc-provider'
import type { AskedLine } from './scope-words.ts'

type Locale = 'en' | 'fr'

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const safe = (text: string): string => text.replace(/[&<>"']/g, (one) => escapes[one] ?? one)

const words = {
  en: {
    wants: 'wants to use Throughline',
    as: 'You are signed in as',
    may: 'It asks to:',
    change: 'can change the record',
    untick: 'Take away what it should not have. You can end its access at any time in your account.',
    goesTo: 'After your answer you go back to',
    about: 'Patient',
    other: 'Another patient',
    allow: 'Allow',
    deny: 'Do not allow',
    choose: 'Choose a patient',
    chooseLead: 'works with one patient’s record. Whose?',
    search: 'Name or identifier',
    find: 'Find',
    found: 'Patients found',
    none: 'No patient was found. Try part of the family name.',
    born: 'born',
    more: 'There are more: write more of the name.',
    again: 'Sign in again',
    againLead: 'asks that you prove anew who you are.',
    going: 'One moment…',
    on: 'Continue',
    failed: 'This cannot go on',
    failedLead:
      'The application has asked for something that is not possible, or this page has been open too long. Go back to the application and begin again.',
  },
  fr: {
    wants: 'souhaite utiliser Throughline',
    as: 'Votre session est ouverte au nom de',
    may: 'L’application demande à :',
    change: 'peut modifier le dossier',
    untick: 'Décochez ce qu’elle ne doit pas avoir. Vous pouvez retirer son accès à tout moment dans votre compte.',
    goesTo: 'Après votre réponse, vous retournez à',
    about: 'Patient',
    other: 'Un autre patient',
    allow: 'Autoriser',
    deny: 'Ne pas autoriser',
    choose: 'Choisir un patient',
    chooseLead: 'travaille avec le dossier d’un seul patient. Lequel ?',
    search: 'Nom ou identifiant',
    find: 'Chercher',
    found: 'Patients trouvés',
    none: 'Aucun patient trouvé. Essayez une partie du nom de famille.',
    born: 'né(e) le',
    more: 'Il y en a d’autres : écrivez une plus grande partie du nom.',
    again: 'Ouvrir la session de nouveau',
    againLead: 'demande que vous prouviez de nouveau votre identité.',
    going: 'Un instant…',
    on: 'Continuer',
    failed: 'Impossible de continuer',
    failedLead:
      'L’application a demandé quelque chose d’impossible, ou cette page est restée ouverte trop longtemps. Retournez à l’application et recommencez.',
  },
} as const

const style = `:root{color-scheme:light dark;--line:#8888;--accent:#0b6e75}body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.35rem;line-height:1.3}ul{list-style:none;padding:0}li{padding:.3rem 0}label{display:flex;gap:.6rem;align-items:baseline}small{opacity:.8}
fieldset{border:1px solid var(--line);border-radius:6px;padding:.5rem 1rem;margin:1rem 0}input[type=search]{font:inherit;padding:.4rem;width:100%;box-sizing:border-box}
button,.button{font:inherit;padding:.5rem 1rem;border-radius:6px;border:1px solid var(--line);background:Canvas;color:CanvasText;cursor:pointer;text-decoration:none}
button.first{background:var(--accent);color:#fff;border-color:var(--accent)}.acts{display:flex;gap:.75rem;flex-wrap:wrap;margin-top:1.25rem}
.patients button{width:100%;text-align:left}mark{background:none;color:inherit;border:1px solid var(--line);border-radius:4px;padding:0 .3rem;font-size:.8rem}`

function page(locale: Locale, title: string, body: string, head = ''): string {
  return `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${safe(title)} · Throughline</title>${head}<style>${style}</style></head><body><main><h1>${safe(title)}</h1>${body}</main></body></html>`
}

export interface Person {
  id: string
  name: string
  birthDate: string | null
}

const personText = (person: Person, locale: Locale): string =>
  `${safe(person.name)}${person.birthDate === null ? '' : ` <small>${words[locale].born} ${safe(person.birthDate)}</small>`}`

const hidden = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${safe(value)}">`)
    .join('')

/** `csrf`: proves that the form comes from this page. `patient`: the one chosen, if any. */
export interface FormFields {
  csrf: string
  patient?: string
}

/** The consent of a person: what the app asks, line by line, each of which can be taken away. */
export function consentPage(
  locale: Locale,
  given: {
    client: string
    account: string
    goesTo: string
    lines: readonly AskedLine[]
    patient: Person | undefined
    choosable: boolean
    fields: FormFields
  },
): string {
  const t = words[locale]
  const lines = given.lines.map(
    (line) =>
      `<li><label><input type="checkbox" name="scope" value="${safe(line.words.join(' '))}" checked><span>${safe(line.text)}${line.writes ? ` <mark>${t.change}</mark>` : ''}</span></label></li>`,
  )
  const patient = given.patient
    ? `<p>${t.about}: <strong>${personText(given.patient, locale)}</strong>${given.choosable ? ` <button name="do" value="choose">${t.other}</button>` : ''}</p>`
    : ''
  return page(
    locale,
    `${given.client} ${t.wants}`,
    `<form method="post">${hidden({ ...given.fields })}<p>${t.as} <strong>${safe(given.account)}</strong>.</p>${patient}<fieldset><legend>${t.may}</legend><ul>${lines.join('')}</ul></fieldset><p><small>${t.untick} ${t.goesTo} ${safe(given.goesTo)}.</small></p><div class="acts"><button class="first" name="do" value="allow">${t.allow}</button><button name="do" value="deny">${t.deny}</button></div></form>`,
  )
}

/** The choice of a patient. What is searched for travels in the body: it may be a name. */
export function patientPage(
  locale: Locale,
  given: { client: string; sought: string; found: readonly Person[]; more: boolean; fields: FormFields },
): string {
  const t = words[locale]
  const found =
    given.found.length === 0
      ? `<p>${t.none}</p>`
      : `<ul class="patients" aria-label="${t.found}">${given.found
          .map(
            (person) =>
              `<li><button name="patient" value="${safe(`Patient/${person.id}`)}">${personText(person, locale)}</button></li>`,
          )
          .join('')}</ul>${given.more ? `<p><small>${t.more}</small></p>` : ''}`
  return page(
    locale,
    t.choose,
    `<p>${safe(given.client)} ${t.chooseLead}</p><form method="post">${hidden({ csrf: given.fields.csrf })}<label for="q">${t.search}</label><input id="q" type="search" name="q" value="${safe(given.sought)}" maxlength="100" autocomplete="off"><div class="acts"><button class="first" name="do" value="choose">${t.find}</button></div></form><form method="post">${hidden({ csrf: given.fields.csrf })}${found}<div class="acts"><button name="do" value="deny">${t.deny}</button></div></form>`,
  )
}

/** Asks for a fresh sign-in, where the app has asked for one. */
export function signInAgainPage(locale: Locale, given: { client: string; fields: FormFields }): string {
  const t = words[locale]
  return page(
    locale,
    t.again,
    `<p>${safe(given.client)} ${t.againLead}</p><form method="post">${hidden({ csrf: given.fields.csrf })}<div class="acts"><button class="first" name="do" value="sign-in">${t.again}</button><button name="do" value="deny">${t.deny}</button></div></form>`,
  )
}

/**
 * Comes back to itself once: a browser that was sent here from another site leaves the session's cookie out (SameSite=Strict),
 * and brings it when the page itself asks.
 */
export const comeAgainPage = (locale: Locale, address: string): string =>
  page(
    locale,
    words[locale].going,
    `<p><a class="button" href="${safe(address)}">${words[locale].on}</a></p>`,
    `<meta http-equiv="refresh" content="0;url=${safe(address)}">`,
  )

/** A fault that cannot be told to the application. `code`: OAuth's word for it. */
export const failurePage = (locale: Locale, code: string, detail: string): string =>
  page(
    locale,
    words[locale].failed,
    `<p>${words[locale].failedLead}</p><p><small>${safe(code)}: ${safe(detail)}</small></p>`,
  )

/** Headers of these pages. `formTo`: where a form's answer may lead beside ourselves: the application's own address. */
export const pageHeaders = (formTo: string): Record<string, string> => ({
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    `default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self' ${formTo}`.trim(),
})

export const localeOf = (acceptLanguage: string | undefined): Locale => (acceptLanguage?.startsWith('fr') ? 'fr' : 'en')

/** How oidc-provider tells a fault that it may not send back to the application. */
export async function renderError(
  ctx: KoaContextWithOIDC,
  out: { error: string; error_description?: string },
): Promise<void> {
  for (const [name, value] of Object.entries(pageHeaders(''))) ctx.set(name, value)
  ctx.body = failurePage(localeOf(ctx.get('accept-language')), out.error, out.error_description ?? '')
}
