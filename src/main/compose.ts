import { recordAccess, type Seals } from '../audit/index.ts'
import {
  type BuildDependencies,
  createFactsProjection,
  createConsentCheck,
  createGuard,
  createRelabelHandler,
  type Tellers,
  createPolicies,
  type Guard,
  type Policies,
  roleTitles,
} from '../access/index.ts'
import type { Database, Tx } from '../db/index.ts'
import { formGuard, formsToName } from '../desk/index.ts'
import { type Channel, createMessagePerformer, createSendHandler, messageProjection } from '../engagement/index.ts'
import {
  codedSql,
  createDeliverHandler,
  createDistributor,
  createExportHandler,
  createImportHandler,
  createRecord,
  createSockets,
  datedSql,
  type Distributor,
  type FhirRecord,
  type FlowDeps,
  inPatientRecord,
  matchesSql,
  patientsOf,
  readWhole,
  type Sockets,
  subscriptionProjection,
} from '../fhir/index.ts'
import { actorNow } from '../identity/index.ts'
import { createJobWorker, type JobWorker } from '../jobs/index.ts'
import {
  type BatchDependencies,
  createPublishedPathways,
  createReplayHandler,
  createRuntime,
  type PublishedPathways,
  type Runtime,
  versionOfJourney,
} from '../journeys/index.ts'
import type { Vault } from '../identity/index.ts'
import type { CallContext, Clock, Logger } from '../kernel/index.ts'
import { type Library, readYaml, type Surroundings } from '../pathways/index.ts'
import { createRelease, readHazards, type Release, type ReleaseOptions, releaseProjection } from '../release/index.ts'
import {
  availabilityProjection,
  createMenu,
  createRequestPerformer,
  createRosterOf,
  type Menu,
  readShiftTable,
  rosterProjection,
  serviceProjection,
  servicesOf,
} from '../scheduling/index.ts'
import { auditEntry } from './keep-audit.ts'
import { tellLicence, tellPeople, tellStopped } from './tell-people.ts'
import { codeExpander, type ReleaseFolder, terminologyProjection } from '../terminology/index.ts'
import {
  createClaimHandler,
  createLadderHandler,
  createLicenceHandler,
  createPlanHandler,
  createRouting,
  createStaffImportHandler,
  createStaffProjection,
  createTaskPerformer,
  createTaskProjection,
  decisionTask,
  type HouseOntology,
  holdsTaskFor,
  matterProjection,
  queuedTaskFor,
  type Routing,
  taskFor,
} from '../work/index.ts'

/** The rooms put together: everything but the doors. */
export interface House extends BatchDependencies {
  database: Database
  clock: Clock
  log: Logger
  library: Library
  record: FhirRecord
  routing: Routing
  menu: Menu
  pathways: PublishedPathways
  runtime: Runtime
  jobs: JobWorker
  vault: Vault
  /** What subscriptions and bulk transfers work with. */
  flows: FlowDeps
  distributor: Distributor
  sockets: Sockets
  seals: Seals
  releases: ReleaseFolder
  policies: Policies
  guard: Guard
  facts: BuildDependencies
  release: Release
}

export interface HouseOptions {
  database: Database
  /** The same database under the role that automations think under. */
  shadow: Database
  clock: Clock
  log: Logger
  library: Library
  ontology: HouseOntology
  surroundings: Surroundings
  channels: readonly Channel[]
  clinic: { phone: string }
  vault: Vault
  /** `https://clinic.example`: where others find us. */
  publicUrl: string
  outboundAllow: readonly string[]
  seals: Seals
  /** Where files of terminologies lie to be loaded. */
  releases: ReleaseFolder
  audit(tx: Tx, context: CallContext, entities: readonly string[]): Promise<void>
  /** Where the flags of automations are kept, if not in this database. */
  flags?: ReleaseOptions['flags']
  /** The text model that automations may ask; none unless told. */
  textEndpoint?: { url: string; key: string | undefined; timeout: number } | undefined
  /** Another way for automations to think, for tests. */
  think?: ReleaseOptions['think']
}

export function compose(options: HouseOptions): House {
  const { database, clock, log, library, surroundings, channels, audit } = options
  const outbound = { allow: options.outboundAllow }
  const policies = createPolicies({ read: readYaml, roles: roleTitles().map(({ id }) => id) })
  const facts: BuildDependencies = { policies, patientsOf, readWhole }
  const tellers: Tellers = {
    relations: {
      task: (patient, { who }, bind) => holdsTaskFor(patient, who, bind),
      queue: (patient, { roles }, bind) => queuedTaskFor(patient, roles, bind),
    },
    coded: codedSql,
    dated: datedSql,
    matches: matchesSql,
    inPatientRecord,
  }
  const guard = createGuard({ policies, tellers })
  const consent = createConsentCheck({ policies, tellers, clock })
  const routing = createRouting({
    ontology: options.ontology,
    rosterOf: createRosterOf(library.calendar.zone),
    read: (tx, reference) => record.read(tx, reference),
  })
  const record: FhirRecord = createRecord({
    projections: [
      createTaskProjection(routing),
      matterProjection,
      createStaffProjection(options.ontology),
      rosterProjection,
      availabilityProjection(library.calendar.zone),
      serviceProjection,
      messageProjection,
      releaseProjection,
      createFactsProjection(facts),
      subscriptionProjection({ outbound }),
      terminologyProjection,
      formGuard(() => ({ record, zone: library.calendar.zone })),
    ],
    expander: codeExpander,
  })
  const menu = createMenu({ record, calendar: library.calendar })
  const release = createRelease({
    database,
    shadow: options.shadow,
    record,
    clock,
    around: { table: surroundings.table, roles: surroundings.roles },
    flags: options.flags,
    hazards: library.safety.map(({ source }) => readHazards(source)),
    makeTask: decisionTask,
    makeReview: taskFor,
    tell: tellStopped(record),
    textEndpoint: options.textEndpoint && { ...options.textEndpoint, outbound },
    think: options.think,
  })
  const pathways = createPublishedPathways(surroundings, async (tx) => ({
    automations: await release.automations.names(tx),
    forms: await formsToName(tx, record),
  }))
  const batch: BatchDependencies = {
    record,
    pathways,
    performers: [
      createTaskPerformer(record, routing, servicesOf),
      createMessagePerformer(record, library.contact, library.calendar),
      createRequestPerformer(record),
      release.performer,
    ],
    calendar: library.calendar,
    audit,
  }
  const runtime = createRuntime({ ...batch, database, clock, log })
  const send = createSendHandler({
    database,
    record,
    clock,
    channels,
    templates: library.templates,
    clinic: { ...options.clinic, zone: library.calendar.zone },
    audit,
    mayTell: consent.mayTell,
    async pathwayTitle(tx, journey) {
      const on = await versionOfJourney(tx, journey)
      return on && (await pathways.version(tx, on.pathway, on.version)).definition.title
    },
    async ownTemplate(tx, journey, name) {
      const on = await versionOfJourney(tx, journey)
      return on && pathways.template(tx, on.pathway, on.version, name)
    },
  })
  const flows: FlowDeps = {
    database,
    clock,
    record,
    guard,
    outbound,
    baseUrl: `${options.publicUrl}/fhir`,
    actorNow: (tx, actor) => actorNow(tx, clock, actor),
    async mail(tenant, letter) {
      const channel = channels.find(({ name }) => name === 'email')
      if (!channel) throw new Error('no e-mail is sent from here')
      await channel.deliver(tenant, letter)
    },
    audit: (tx, context, act) => recordAccess(tx, context, [auditEntry(act)]),
  }
  const jobs = createJobWorker({
    database,
    clock,
    log,
    handlers: [
      send,
      createRelabelHandler({ ...facts, database, clock }),
      createDeliverHandler(flows),
      createExportHandler(flows),
      createImportHandler(flows),
      ...release.handlers,
      createReplayHandler({ database, clock, pathways, record, calendar: library.calendar }),
      createLadderHandler({
        clock,
        record,
        routing,
        tell: tellPeople(record, 'task-escalated'),
        audit: (tx, context, entities) =>
          recordAccess(tx, context, [{ action: 'U', code: 'work-escalated', entities }]),
      }),
      createClaimHandler({
        clock,
        record,
        audit: (tx, context, entities) =>
          recordAccess(tx, context, [{ action: 'U', code: 'work-claim-over', entities }]),
      }),
      createLicenceHandler({ clock, database, tell: tellLicence(record) }),
      createStaffImportHandler({
        database,
        clock,
        record,
        ontology: options.ontology,
        readShifts: (tx, csv) => readShiftTable(tx, { record, zone: library.calendar.zone }, csv),
        actorNow: (tx, actor) => actorNow(tx, clock, actor),
        sight: guard.sight,
        audit: (tx, context, entities) =>
          recordAccess(tx, context, [{ action: 'U', code: 'team-import-done', entities }]),
      }),
      createPlanHandler({
        database,
        clock,
        record,
        routing,
        audit: (tx, context, entities) => recordAccess(tx, context, [{ action: 'U', code: 'work-planned', entities }]),
      }),
    ],
  })
  const { vault, seals, releases } = options
  return {
    ...batch,
    database,
    clock,
    log,
    library,
    routing,
    menu,
    runtime,
    jobs,
    vault,
    seals,
    releases,
    policies,
    guard,
    facts,
    release,
    flows,
    distributor: createDistributor({ ...flows, log }),
    sockets: createSockets({ ...flows, log }),
  }
}
