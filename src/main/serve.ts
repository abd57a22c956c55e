import { auditFhirRoutes, auditRoutes, recordAccess, startAuditWorker } from '../audit/index.ts'
import { buildFacts, markBuilt, may, permissionsOf, refuseUnless, roleTitles } from '../access/index.ts'
import type { Tx } from '../db/index.ts'
import { deskRoutes } from '../desk/index.ts'
import { bulkRoutes, importRoutes, recordRoutes, subscriptionRoutes } from '../fhir/index.ts'
import { createFeed, createServer, serveSockets } from '../http/index.ts'
import { authenticate, identityRoutes } from '../identity/index.ts'
import { prepareBuckets } from '../journeys/index.ts'
import { type CallContext, type Route, systemActor } from '../kernel/index.ts'
import { buildConsole } from './build-console.ts'
import type { House } from './compose.ts'
import type { Config } from './config.ts'
import { auditEntry, keepRefusals } from './keep-audit.ts'
import { version } from './open.ts'

/** The policy that a tenant starts with. */
const firstPolicy = 'policies/clinic.yaml'

async function publishPolicy(house: House, tx: Tx, context: CallContext): Promise<void> {
  const source = house.library.policies.find(({ file }) => file === firstPolicy)?.source
  if (source === undefined) throw new Error(`the library has no ${firstPolicy}`)
  await house.policies.publish(tx, context, source, 'From the library')
}

/** What a new tenant gets: the library's policy and pathways, published, and its buckets. */
export async function furnish(house: House, tx: Tx, context: CallContext): Promise<void> {
  await prepareBuckets(tx)
  await publishPolicy(house, tx, context)
  // There is nothing yet that facts could be made of.
  await markBuilt(tx)
  for (const { source } of house.library.pathways) await house.pathways.publish(tx, context, source, 'From the library')
}

export function routesOf(house: House, config: Pick<Config, 'publicUrl'>): Route[] {
  const { database, record, pathways, library } = house
  return [
    ...identityRoutes({
      database,
      version,
      zone: library.calendar.zone,
      secure: config.publicUrl.startsWith('https:'),
      roles: roleTitles(),
      permissionsOf,
      furnish: (tx, context) => furnish(house, tx, context),
    }),
    ...deskRoutes({
      database,
      record,
      pathways,
      library,
      batch: house,
      audit: recordAccess,
      permitted: (context, permission) => may(context.actor, permission),
    }),
    ...auditRoutes({ database, seals: house.seals }),
    ...auditFhirRoutes({ database, baseUrl: `${config.publicUrl}/fhir` }),
    ...subscriptionRoutes(house.flows),
    ...bulkRoutes(house.flows),
    ...importRoutes(house.flows),
    ...recordRoutes({
      record,
      guard: house.guard,
      database,
      baseUrl: `${config.publicUrl}/fhir`,
      audit: (tx, context, entry) => recordAccess(tx, context, [auditEntry(entry)]),
    }),
  ]
}

export interface Serving {
  url: string
  stop(): Promise<void>
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

/** Serves the API and the console, and works: journeys, jobs, the audit's chain and checkpoints. */
export async function serve(house: House, config: Config): Promise<Serving> {
  const { database, clock, log } = house
  const consoleFolder = await buildConsole(log)
  const feed = await createFeed(database)
  const app = await createServer({
    database,
    routes: routesOf(house, config),
    clock,
    log,
    version,
    feed,
    publicUrl: config.publicUrl,
    ...(config.trustProxy === undefined ? {} : { trustProxy: config.trustProxy }),
    ...(consoleFolder === undefined ? {} : { consoleFolder }),
    authenticate: (given) => authenticate(database, clock, given),
    refuseUnless,
    auditRefusal: keepRefusals(database),
  })
  const endSockets = serveSockets(app.server, [house.sockets])
  await prepareAccess(house)
  await app.listen({ host: config.host, port: config.port })
  await house.runtime.start()
  await house.jobs.start()
  await house.distributor.start()
  await house.sockets.start()
  const auditing = startAuditWorker(house, config.auditSealSeconds * 1_000)
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.port
  return {
    url: `http://${config.host}:${port}`,
    async stop() {
      await feed.close()
      await house.sockets.stop()
      endSockets()
      await app.close()
      await house.runtime.stop()
      await house.distributor.stop()
      await house.jobs.stop()
      await auditing.stop()
    },
  }
}
