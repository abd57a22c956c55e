export { type ChainReport, extendChain, verifyChain } from './chain.ts'
export { type AuditEntry, recordAccess } from './record-access.ts'
export { auditRoutes } from './routes.ts'
export { type AuditRow, type AuditSearch, searchAudit } from './search-audit.ts'
