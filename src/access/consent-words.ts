import type { ConsentList } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import type { Provision } from './consent-shape.ts'
import type { Guard } from './guard.ts'
import { type Bind } from './compile.ts'

type Sentence = { en: string; fr: string }

const verbs = {
  permit: { en: 'permits', fr: 'permet' },
  deny: { en: 'refuses', fr: 'refuse' },
} as const

function narrowed(provision: Provision): Sentence {
  const part = (list: readonly string[] | null, en: string, fr: string): Sentence[] =>
    list === null ? [] : [{ en: `${en} ${list.join(', ')}`, fr: `${fr} ${list.join(', ')}` }]
  const day = (at: number | null) => (at === null ? '…' : new Date(at).toISOString().slice(0, 10))
  const parts = [
    ...part(provision.actions, 'the actions', 'les actions'),
    ...part(provision.types, 'of', 'sur'),
    ...part(provision.codes, 'coded', 'codés'),
    ...part(provision.labels, 'labelled', 'étiquetés'),
    ...part(provision.resources, 'namely', 'à savoir'),
    ...part(provision.actors, 'to', 'à'),
    ...part(provision.purposes, 'for', 'pour'),
    ...(provision.data ? part([`${day(provision.data.from)} – ${day(provision.data.to)}`], 'dated', 'datés') : []),
    ...(provision.from !== null || provision.to !== null
      ? part([`${day(provision.from)} – ${day(provision.to)}`], 'in', 'durant')
      : []),
    ...(provision.unclear ? [{ en: 'under further conditions', fr: 'sous d’autres conditions' }] : []),
  ]
  return parts.length === 0
    ? { en: 'everything', fr: 'tout' }
    : { en: parts.map((one) => one.en).join(' '), fr: parts.map((one) => one.fr).join(' ') }
}

/** What a consent says, in a sentence of codes and references; exceptions stand in brackets. */
function told(provision: Provision): Sentence {
  const what = narrowed(provision)
  const inner = provision.nested.map(told)
  const verb = provision.type === null ? { en: '', fr: '' } : verbs[provision.type]
  const one = (locale: 'en' | 'fr') =>
    [
      verb[locale],
      what[locale],
      inner.length > 0 ? `(${locale === 'en' ? 'but' : 'mais'} ${inner.map((each) => each[locale]).join('; ')})` : '',
    ]
      .filter((part) => part !== '')
      .join(' ')
  return { en: one('en'), fr: one('fr') }
}

/** The consents of a patient that are held against calls; none for a caller who may not see them. */
export async function consentsOf(tx: Tx, context: CallContext, guard: Guard, patient: string): Promise<ConsentList> {
  const caller = await guard.caller(tx, context)
  const presumed = caller?.policy?.consent.presumed ?? []
  const values: unknown[] = [tx.tenant, patient]
  const bind: Bind = (value, kind) => `$${values.push(value)}::${kind}`
  const open = caller ? guard.sightOf(caller).visible('read')('Consent', 'c', bind) : 'true'
  const rows = await tx.query<{ id: string; provision: string; starts: Date | null; ends: Date | null }>({
    text: `select c.id, s.provision, c.starts, c.ends from access_consent c join access_shape s on s.tenant_id = c.tenant_id and s.shape = c.shape
           where c.tenant_id = $1 and c.patient = $2 and (${open}) order by c.id limit 200`,
    values,
  })
  const now = context.clock.now()
  return {
    presumed: [...presumed],
    items: rows.map(({ id, provision, starts, ends }) => {
      const sentence = told(JSON.parse(provision) as Provision)
      return {
        consent: `Consent/${id}`,
        starts: starts?.toISOString() ?? null,
        ends: ends?.toISOString() ?? null,
        inForce: (starts === null || starts.getTime() <= now) && (ends === null || ends.getTime() > now),
        sentence: { en: `The patient ${sentence.en}.`, fr: `Le patient ${sentence.fr}.` },
      }
    }),
  }
}
