import type { Tx } from '../db/index.ts'
import type { Clock } from '../kernel/index.ts'
import { type Caller, readCaller } from './caller.ts'
import { type Bind, Compiler, type Tellers } from './compile.ts'
import { createShapeReader } from './consent-store.ts'
import type { Policies } from './policies.ts'

/** Whether a patient's consents let something be done with their data without a person who asks for it. */
export interface ConsentCheck {
  /** A message about a patient, to whoever receives it (`Patient/…`, `Practitioner/…`). */
  mayTell(tx: Tx, asked: { patient: string; communication: string; recipient: string }): Promise<boolean>
}

export function createConsentCheck(options: { policies: Policies; tellers: Tellers; clock: Clock }): ConsentCheck {
  const { policies, tellers, clock } = options
  const shapes = createShapeReader()
  return {
    async mayTell(tx, { patient, communication, recipient }) {
      const caller: Caller | undefined = await readCaller(
        tx,
        {
          tenant: tx.tenant,
          actor: { kind: 'client', id: communication, name: '', reference: recipient, roles: [] },
          clock,
          requestId: communication,
          locale: 'en',
        },
        { policies, shapes },
      )
      if (!caller?.policy) return false
      const values: unknown[] = []
      const bind: Bind = (value, kind) => `$${values.push(value)}::${kind}`
      const compiler = new Compiler({
        caller: { ...caller, purpose: 'treatment' },
        tellers,
        use: 'read',
        target: { type: 'Communication', id: `''`, patient: bind(patient, 'text') },
        // Reminding somebody of their visit is care, and running the clinic.
        asking: {
          who: caller.who,
          actions: ['use', 'disclose'],
          purposes: ['TREAT', 'HOPERAT'],
          now: caller.now.getTime(),
        },
      })
      const against = compiler.consentTerms()
      if (against.length === 0) return true
      const [row] = await tx.query<{ refused: boolean | null }>({
        text: `select ${against.map((term) => `(${compiler.write(term.sql, bind)})`).join(' or ')} as refused`,
        values,
      })
      return row?.refused === false
    },
  }
}
