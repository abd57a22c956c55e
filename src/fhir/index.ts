export { type Audit, type AuditedAct } from './interact.ts'
export type { CodeExpander, SystemCode } from './code-expander.ts'
export { createRecord } from './create-record.ts'
export { importBundles, type ImportReport } from './import-bundles.ts'
export { outcomeOf } from './outcome.ts'
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
export { mayUse } from './guard.ts'
export { bringSearchUpToDate, markIndexed, reindex } from './reindex.ts'
export type { Bind, SearchOptions, Visible } from './search-options.ts'
export { recordRoutes, type RecordRoutesDeps } from './routes.ts'
