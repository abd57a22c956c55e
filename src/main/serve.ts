import { may, permissionsOf, refuseUnless, roleTitles } from '../access/index.ts'
import { auditFhirRoutes, auditRoutes, recordAccess, startAuditWorker, tellAudit } from '../audit/index.ts'
import type { Tx } from '../db/index.ts'
import { deskRoutes, pathwayForms, serviceAround, twoPeopleAnswer } from '../desk/index.ts'
import { bulkRoutes, importRoutes, markIndexed, recordRoutes, subscriptionRoutes, tellFlows } from '../fhir/index.ts'
import { createFeed, createServer, type Mount, serveSockets } from '../http/index.ts'
import {
  authenticate,
  createOAuth,
  type IdentityDependencies,
  identityRoutes,
  securityStatement,
} from '../identity/index.ts'
import { journeyCarePlans, pathwayDefinitions, pathwayRoutes, prepareBuckets } from '../journeys/index.ts'
import type { CallContext, Route } from '../kernel/index.ts'
import { parse, scenariosOf } from '../pathways/index.ts'
import {
  codeExpander,
  shipTerminology,
  tellTerminology,
  terminologyFhirRoutes,
  terminologyRoutes,
} from '../terminology/index.ts'
import { readServices } from '../scheduling/index.ts'
import { accessRoutesOf, furnishAccess, prepareAccess } from './access.ts'
import { buildConsole } from './build-console.ts'
import type { House } from './compose.ts'
import type { Config } from './config.ts'
import { auditEntry, keepRefusals } from './keep-audit.ts'
import { version } from './open.ts'
import { releaseRoutesOf } from './release.ts'
import { keepFlags, keepRunbook, readFlags } from '../release/index.ts'
import { patientsOf } from './patients.ts'
import { withinScopes } from './within-scopes.ts'

/** What a new tenant gets: the library's policy and pathways, published, its forms, and its buckets. */
export async function furnish(house: House, tx: Tx, context: CallContext): Promise<void> {
  await prepareBuckets(tx)
  await markIndexed(tx)
  await furnishAccess(house, tx, context)
  // Two people looked at the library's forms before they came into it.
  twoPeopleAnswer(tx)
  await house.record.write(
    tx,
    context,
    house.library.forms.map((resource) => ({ interaction: 'create', resource })),
  )
  await furnishMenu(house, tx, context)
  for (const { source } of house.library.automations)
    await house.release.automations.publish(tx, context, source, 'From the library')
  await keepFlags(tx, context, readFlags(house.library.flags))
  const roles = house.library.roles.map(({ id }) => id)
  for (const { source } of house.library.runbooks)
    await keepRunbook(tx, context, { source, note: 'From the library', roles })
  for (const { source } of house.library.pathways) {
    const id = parse(source).definition?.pathway ?? ''
    await house.pathways.publish(tx, context, source, 'From the library', scenariosOf(house.library, id))
  }
}

/** The library's places and services, published. */
async function furnishMenu(house: House, tx: Tx, context: CallContext): Promise<void> {
  await house.record.write(
    tx,
    context,
    house.library.places.map(({ id, name, in: where }) => ({
      interaction: 'update',
      resource: {
        resourceType: 'Location',
        id,
        status: 'active',
        name,
        address: { state: where.slice(3), country: where.slice(0, 2) },
      },
    })),
  )
  const around = await serviceAround(tx, house, context.clock.now())
  for (const definition of readServices(house.library.services, around)) {
    const { id: service, version, stored } = await house.menu.draft(tx, context, definition)
    await house.menu.publish(tx, context, { service, version, stored }, around)
  }
}

export function routesOf(
  house: House,
  config: Pick<Config, 'publicUrl'> & Partial<Pick<Config, 'conditionalDelete' | 'scenarioCoverage'>>,
): Route[] {
  const { database, record, pathways, library } = house
  const identity: IdentityDependencies = {
    database,
    version,
    zone: library.calendar.zone,
    publicUrl: config.publicUrl,
    vault: house.vault,
    patients: patientsOf(house),
    roles: roleTitles(),
    permissionsOf,
    furnish: (tx, context) => furnish(house, tx, context),
  }
  const others = [
    ...identityRoutes(identity),
    ...deskRoutes({
      database,
      record,
      routing: house.routing,
      menu: house.menu,
      pathways,
      library,
      batch: house,
      audit: recordAccess,
      permitted: (context, permission) => may(context.actor, permission),
      sight: house.guard.sight,
    }),
    ...pathwayRoutes({
      database,
      record,
      pathways,
      library,
      calendar: library.calendar,
      coverage: config.scenarioCoverage ?? 'told',
      forms: pathwayForms({ record, audit: recordAccess }),
      permitted: (context, permission) => may(context.actor, permission),
    }),
    ...auditRoutes({ database, seals: house.seals }),
    ...auditFhirRoutes({ database, baseUrl: `${config.publicUrl}/fhir` }),
    ...accessRoutesOf(house),
    ...releaseRoutesOf(house),
    ...subscriptionRoutes(house.flows),
    ...bulkRoutes(house.flows),
    ...importRoutes(house.flows),
    ...terminologyRoutes(house),
    ...terminologyFhirRoutes({ database }),
  ]
  const routes = [
    ...others,
    ...recordRoutes({
      beside: others,
      record,
      guard: house.guard,
      made: [journeyCarePlans(house.pathways), ...pathwayDefinitions()],
      expander: codeExpander,
      tell: (statement, base) => tellAudit(tellTerminology(tellFlows(statement, base))),
      database,
      baseUrl: `${config.publicUrl}/fhir`,
      ...(config.conditionalDelete === undefined ? {} : { conditionalDelete: config.conditionalDelete }),
      audit: (tx, context, entry) => recordAccess(tx, context, [auditEntry(entry)]),
      security: securityStatement(identity),
    }),
  ]
  return routes.map(withinScopes)
}

/** What answers beside the routes: the authorization server. */
export const mountsOf = (house: House, config: Pick<Config, 'publicUrl'>): Mount[] => [
  {
    prefix: '/oauth',
    handle: createOAuth({
      database: house.database,
      clock: house.clock,
      log: house.log,
      vault: house.vault,
      publicUrl: config.publicUrl,
      patients: patientsOf(house),
      permitted: (context, permission) => may(context.actor, permission),
    }).handle,
  },
]

export interface Serving {
  url: string
  stop(): Promise<void>
}

/** Gives each tenant the code systems that are shipped, after the start, which does not wait for it; new tenants within a minute. */
function startShipping({ database, log }: House): { stop(): Promise<void> } {
  const shipped = new Set<string>()
  let running: Promise<void> = Promise.resolve()
  const look = async () => {
    for (const tenant of await database.tenants()) {
      if (shipped.has(tenant)) continue
      await shipTerminology(database, tenant)
      shipped.add(tenant)
    }
  }
  const round = () => {
    running = running.then(look).catch((error: unknown) => log.error({ err: error }, 'terminology-not-shipped'))
  }
  round()
  const timer = setInterval(round, 30_000)
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
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
    mounts: mountsOf(house, config),
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
  const shipping = startShipping(house)
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
      await shipping.stop()
    },
  }
}
