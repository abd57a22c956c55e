import type { WhyAccess } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import type { Actor, CallContext } from '../kernel/index.ts'
import type { Caller } from './caller.ts'
import { type Bind, Compiler, type Term } from './compile.ts'
import { refuse } from './errors.ts'
import type { Guard } from './guard.ts'

export interface WhyDependencies {
  guard: Guard
  /** Whether a resource stands in the record. */
  stands(tx: Tx, reference: string): Promise<boolean>
  /** An account as an actor; undefined when there is none. */
  actorOf(tx: Tx, account: string): Promise<Actor | undefined>
}

type Sentence = WhyAccess['sentence']

const words: Readonly<Record<string, Sentence>> = {
  consent: { en: 'a consent of the patient refuses it', fr: 'un consentement du patient s’y oppose' },
  'consent-silent': {
    en: 'the patient has not agreed to it',
    fr: 'le patient n’y a pas consenti',
  },
  'break-glass': { en: 'the record was opened in an emergency', fr: 'le dossier a été ouvert en urgence' },
  'smart-scope': {
    en: 'the application was not given this',
    fr: 'l’application n’y est pas autorisée',
  },
  'facts-missing': {
    en: 'what the rules go by is still being put together',
    fr: 'ce que les règles demandent est encore en préparation',
  },
  'no-rule': { en: 'no rule permits it', fr: 'aucune règle ne le permet' },
}

/** Which terms hold for one resource, in one statement; a term that cannot be told holds if it is one against. */
async function holding(tx: Tx, caller: Caller, guard: Guard, reference: string): Promise<Term[]> {
  const [type = '', id = ''] = reference.split('/')
  const values: unknown[] = []
  const bind: Bind = (value, kind) => `$${values.push(value)}::${kind}`
  const compiler = new Compiler({ caller, tellers: guard.tellers, use: 'read', target: { type, id: bind(id, 'text') } })
  const terms = compiler.terms()
  if (terms.length === 0) return []
  const [row] = await tx.query<Record<string, boolean | null>>({
    // The id is used by no term that is plainly true.
    text: `select ${['$1::text as id', ...terms.map((term, index) => `(${compiler.write(term.sql, bind)}) as t${index}`)].join(', ')}`,
    values,
  })
  return terms.filter((term, index) => row?.[`t${index}`] ?? term.effect === 'deny')
}

async function factsAbout(tx: Tx, caller: Caller, reference: string): Promise<WhyAccess['facts']> {
  const [type = '', id = ''] = reference.split('/')
  const rows = await tx.query<{ kind: WhyAccess['facts'][number]['kind']; value: string }>({
    text: `
      with subject as (select patient from access_subject where tenant_id = $1 and type = $2 and id = $3 and not former)
      select 'relation' as kind, n.kind || ' (' || n.source || ')' as value from access_relation n join subject s on s.patient = n.patient
        where n.tenant_id = $1 and n.who = any ($4::text[]) and (n.until is null or n.until > $5)
      union all select 'label', label from access_label where tenant_id = $1 and type = $2 and id = $3 and not former
      union all select 'patient-label', l.label from access_label l join subject s on s.patient = l.id where l.tenant_id = $1 and l.type = '' and not l.former
      union all select 'consent', 'Consent/' || c.id from access_consent c join subject s on s.patient = c.patient
        where c.tenant_id = $1 and (c.starts is null or c.starts <= $5) and (c.ends is null or c.ends > $5)
      union all select 'break-glass', patient from subject where patient = any ($6::text[])
      order by 1, 2 limit 50`,
    values: [tx.tenant, type, id, caller.who, caller.now, caller.glass],
  })
  return [...caller.roles.map((value) => ({ kind: 'role' as const, value })), ...rows]
}

function sentenceOf(name: string | undefined, allowed: boolean, because: Sentence): Sentence {
  const en = `${name ?? 'You'} ${allowed ? 'may' : 'may not'} see this: ${because.en}.`
  const fr =
    name === undefined
      ? `Vous ${allowed ? 'pouvez' : 'ne pouvez pas'} voir ceci : ${because.fr}.`
      : `${name} ${allowed ? 'peut' : 'ne peut pas'} voir ceci : ${because.fr}.`
  return { en, fr }
}

/**
 * Why somebody can or cannot read a resource. Of others only those are told who review access. Whoever may not see it
 * themselves is told the same of what is closed and of what does not exist.
 */
export async function whyAccess(
  tx: Tx,
  context: CallContext,
  dependencies: WhyDependencies,
  asked: { resource: string; account?: string | undefined; reviewing: boolean },
): Promise<WhyAccess> {
  const { guard } = dependencies
  const other = asked.account !== undefined && asked.account !== context.actor.id
  if (other && !asked.reviewing)
    throw refuse('forbidden', { faults: [{ path: 'query.account', message: 'needs access.review' }] })
  const actor = other ? await dependencies.actorOf(tx, asked.account ?? '') : context.actor
  if (!actor) throw refuse('account-not-found', { faults: [{ path: 'query.account', message: 'there is none' }] })
  const { purpose: _claimed, ...bare } = context
  const caller = await guard.caller(tx, other ? { ...bare, actor } : context)
  if (!caller) throw refuse('account-not-found', { faults: [{ path: 'query.account', message: 'is no person' }] })
  const glass = caller.policy?.['break-glass']
  const answer = {
    purpose: caller.purpose,
    mayBreakGlass: caller.kind === 'account' && (glass?.roles.some((role) => caller.roles.includes(role)) ?? false),
  }
  const terms = await holding(tx, caller, guard, asked.resource)
  const against = terms.find((term) => term.effect === 'deny')
  const permits = terms.filter((term) => term.effect === 'permit')
  const permit = permits.find((term) => term.rule === 'break-glass') ?? permits[0]
  const allowed = against === undefined && permit !== undefined
  const stands = await dependencies.stands(tx, asked.resource)
  if (!stands || (!allowed && !asked.reviewing))
    return {
      ...answer,
      allowed: null,
      rule: null,
      facts: [],
      sentence: {
        en: 'This is not open to you, or it does not exist.',
        fr: 'Ceci ne vous est pas ouvert, ou n’existe pas.',
      },
    }
  const rule = (allowed ? permit : against)?.rule ?? 'no-rule'
  const title = caller.policy?.rules.find((one) => one.rule === rule)?.title ?? words[rule] ?? words['no-rule']
  const hidden = guard.sightOf(caller).hidden(asked.resource.split('/')[0] ?? '')
  return {
    ...answer,
    allowed,
    rule,
    sentence: sentenceOf(other ? actor.name : undefined, allowed, title ?? { en: rule, fr: rule }),
    facts: [
      ...(await factsAbout(tx, caller, asked.resource)),
      ...hidden.map((value) => ({ kind: 'hidden' as const, value })),
    ],
  }
}
