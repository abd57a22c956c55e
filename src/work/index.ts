export { type ActOptions, actOnTask, type TaskAction } from './act-on-task.ts'
export { taskFor } from './ask-for-task.ts'
export { type DecisionTask, decisionTask } from './decision-task.ts'
export { noForm, taskNotFound } from './errors.ts'
export { countWork, listWork, type WorkList } from './list-work.ts'
export { createTaskPerformer } from './perform-tasks.ts'
export type { HouseOntology } from './ontology/house-ontology.ts'
export { readOntology } from './ontology/read-ontology.ts'
export { holdsTaskFor, queuedTaskFor } from './relate.ts'
export { createTaskProjection } from './project-tasks.ts'
export { createStaffProjection } from './staff/project-staff.ts'
export { createRouting, type Routing } from './staff/routing.ts'
export {
  descriptionOf,
  dueOf,
  escalatedTo,
  formOf,
  isOpen,
  journeyOf,
  outcomeOf,
  outcomesOf,
  roleOf,
  titleOf,
  words,
} from './task-words.ts'
