export { createRequestPerformer } from './perform-requests.ts'
export { rosterProjection } from './roster/project-roster.ts'
export { rosterOf } from './roster/roster-of.ts'
export { type RosterEntry, rosterWrites } from './roster/write-roster.ts'
