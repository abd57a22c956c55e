export { type Audit, type AuditedAct } from './interact.ts'
export type { CodeExpander, SystemCode } from './code-expander.ts'
export { importRoutes } from './bulk/import-routes.ts'
export { bulkRoutes } from './bulk/routes.ts'
export { createExportHandler } from './bulk/run-export.ts'
export { createImportHandler } from './bulk/run-import.ts'
export { createRecord } from './create-record.ts'
export { importBundles, type ImportReport } from './import-bundles.ts'
export { outcomeOf } from './outcome.ts'
export { type PastChange, pastChanges, patientsChanged, versionsOf } from './past-changes.ts'
export { bucketOf, inPatientRecord, patientsOf } from './patient-subject.ts'
export { codedSql, datedSql } from './content-sql.ts'
export { matchesSql } from './matches-sql.ts'
export { readWhole, type Standing } from './read-whole.ts'
export {
  bucketCount,
  type FhirRecord,
  type Projection,
  type RecordChange,
  type ResourceWrite,
  type WrittenResource,
} from './record.ts'
export type { Guarded, RecordGuard, Sight, Use } from './guard.ts'
export { mayUse, sightings } from './guard.ts'
export { prepared } from './prepared.ts'
export { bringSearchUpToDate, markIndexed, reindex } from './reindex.ts'
export type { Bind, SearchOptions, Visible } from './search-options.ts'
export { tellFlows } from './flow-capability.ts'
export type { OutboundRules } from './outbound.ts'
export { recordRoutes, type RecordRoutesDeps } from './routes.ts'
export { createDeliverHandler } from './subscriptions/deliver.ts'
export { createDistributor, type Distributor } from './subscriptions/distribute.ts'
export { subscriptionRoutes } from './subscriptions/operations.ts'
export { subscriptionProjection } from './subscriptions/projection.ts'
export type { FlowDeps } from './subscriptions/seam.ts'
export { createSockets, type Sockets } from './subscriptions/sockets.ts'
