import { accessRoutes, askRelabel, buildFacts, markBuilt } from '../access/index.ts'
import type { Tx } from '../db/index.ts'
import { patientsOf } from '../desk/index.ts'
import { mayUse } from '../fhir/index.ts'
import { actorOfAccount, refuseUnconfirmed } from '../identity/index.ts'
import { type CallContext, type Route, systemActor } from '../kernel/index.ts'
import { askReview } from './ask-review.ts'
import type { House } from './compose.ts'

/** The policy that a tenant starts with. */
const firstPolicy = 'policies/clinic.yaml'

async function publishPolicy(house: House, tx: Tx, context: CallContext): Promise<void> {
  const source = house.library.policies.find(({ file }) => file === firstPolicy)?.source
  if (source === undefined) throw new Error(`the library has no ${firstPolicy}`)
  await house.policies.publish(tx, context, source, 'From the library')
}

/** A new tenant's policy. There is nothing yet that the facts it goes by could be made of. */
export async function furnishAccess(house: House, tx: Tx, context: CallContext): Promise<void> {
  await publishPolicy(house, tx, context)
  await markBuilt(tx)
}

/** Tenants from before there were policies get the library's, and the facts that it goes by. */
export async function prepareAccess(house: House): Promise<void> {
  const { database, clock, log } = house
  for (const tenant of await database.tenants()) {
    const context: CallContext = { tenant, actor: systemActor, clock, requestId: 'start', locale: 'en' }
    await database.transaction(tenant, async (tx) => {
      if (!(await house.policies.active(tx))) await publishPolicy(house, tx, context)
    })
    const pages = await buildFacts(database, tenant, house.facts)
    if (pages > 0) log.info({ code: 'access-built', tenant, pages }, 'what access goes by was made anew')
  }
}

export const accessRoutesOf = (house: House): Route[] =>
  accessRoutes({
    database: house.database,
    policies: house.policies,
    guard: house.guard,
    relabel: askRelabel,
    refuseUnconfirmed,
    sees: (tx, sight, patient) => mayUse(tx, sight, 'read', patient),
    askReview: askReview(house),
    names: async (tx, patients) =>
      new Map(
        [...(await patientsOf(tx, house.record, patients, undefined))].map(([reference, { name }]) => [
          reference,
          name,
        ]),
      ),
    stands: async (tx, reference) => (await house.record.read(tx, reference)) !== undefined,
    actorOf: actorOfAccount,
  })
