export {
  type Compact,
  type Credential,
  type Ontology,
  type Period,
  ruleFor,
  type TaskKind,
  type TaskRule,
} from './ontology.ts'
export { atWork, type Bar, costOf, type Permit, permit } from './permit.ts'
export type { Licence, Need, Person } from './person.ts'
