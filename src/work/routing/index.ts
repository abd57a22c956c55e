export { assignBest, assignGreedily, type Batch, type Plan, replan } from './assign-batch.ts'
export type { Compact, Credential, Ontology, Period, TaskKind, TaskRule } from './ontology.ts'
export { atWork, type Bar, costOf, type Permit, permit } from './permit.ts'
export type { Licence, Need, Person } from './person.ts'
