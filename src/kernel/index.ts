export { type Chance, createChance } from './chance.ts'
export { type Clock, type MovedClock, movedClock, systemClock } from './clock.ts'
export { type Actor, type CallContext, systemActor } from './context.ts'
export { csvHead, type CsvRow, readCsv, writeCsv } from './csv.ts'
export { CodedError, errorTable, type Fault, type IssueCode } from './errors.ts'
export { newId, newSecret, type TenantId, tenantId } from './ids.ts'
export { moveDigits, noteDigits, readExact, writeExact } from './exact-json.ts'
export { createLog, type Logger } from './log.ts'
export { createRecent, type Recent } from './recent.ts'
export {
  type Access,
  type Audits,
  type Route,
  type RouteReply,
  type RouteRequest,
  route,
  type SocketLine,
  type SocketRoute,
} from './route.ts'
export { parseScope, parseScopes, type ScopeAct, type SmartScope, scopesFor, scopeText } from './scopes.ts'
