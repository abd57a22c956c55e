import { z } from 'zod'
import { api, type Giving } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { type CallContext, type Route, route } from '../kernel/index.ts'
import { givenAtOnce, givingSets, queuesOfKinds, setGiving } from '../work/index.ts'
import { type DeskDependencies, iso } from './desk.ts'
import { refuse } from './errors.ts'

const lately = 90 * 86_400_000

/** Which kinds of task are given to a person as soon as they are made. */
export function givingRoutes(dependencies: DeskDependencies): Route[] {
  const { database, routing, library } = dependencies
  const { ontology } = routing

  async function viewOf(tx: Tx, context: CallContext): Promise<Giving> {
    const sets = await givingSets(tx)
    const queues = await queuesOfKinds(tx, context.clock.now() - lately)
    const { given } = ontology.policy
    return {
      items: ontology.kinds.map(({ id, title }) => {
        const set = sets.find(({ kind, role }) => kind === id && role === '')
        return {
          kind: { id, title },
          given: givenAtOnce(sets, given, { kind: id, role: '' }),
          by: set?.by ?? null,
          at: set ? iso(set.at) : null,
          queues: queues
            .filter(({ kind }) => kind === id)
            .map(({ role }) => ({
              id: role,
              title: library.roles.find((one) => one.id === role)?.title ?? { en: role, fr: role },
              given: givenAtOnce(sets, given, { kind: id, role }),
            })),
        }
      }),
    }
  }

  return [
    route({
      method: 'GET',
      path: '/api/giving',
      summary: 'Which kinds of task are given to a person as soon as they are made',
      access: { permission: 'work.read' },
      style: 'api',
      audits: { nothing: 'rules of the house, no patient' },
      reply: api.giving,
      handle: (context) => database.reading(context.tenant, async (tx) => ({ body: await viewOf(tx, context) })),
    }),
    route({
      method: 'POST',
      path: '/api/giving',
      summary:
        'Give tasks of a kind to a person as soon as they are made, or leave them in their queues; in all queues or in one',
      access: { permission: 'work.manage' },
      style: 'api',
      audits: ['giving-set'],
      body: z.object({
        kind: z.string().max(60),
        /** A role, for its queue alone; empty for all that have no setting of their own. */
        role: z.string().max(60).default(''),
        given: z.boolean(),
      }),
      reply: api.giving,
      handle: (context, { body }) =>
        database.transaction(context.tenant, async (tx) => {
          const faults = [
            ...(ontology.kinds.some(({ id }) => id === body.kind)
              ? []
              : [{ path: 'kind', message: `there is no kind ${body.kind}` }]),
            ...(body.role === '' || library.roles.some(({ id }) => id === body.role)
              ? []
              : [{ path: 'role', message: `there is no role ${body.role}` }]),
          ]
          if (faults.length > 0) throw refuse('unknown-queue', { faults })
          await setGiving(tx, context, body)
          await dependencies.audit(tx, context, [
            {
              action: 'U',
              code: 'giving-set',
              entities: [],
              about: [{ kind: 'giving', id: `${body.kind}/${body.role}` }],
            },
          ])
          return { body: await viewOf(tx, context) }
        }),
    }),
  ]
}
