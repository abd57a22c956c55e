export { type ActOptions, actOnTask, type TaskAction } from './act-on-task.ts'
export { taskFor } from './ask-for-task.ts'
export { type DecisionTask, decisionTask } from './decision-task.ts'
export { taskNotFound } from './errors.ts'
export { countWork, listWork, type WorkList } from './list-work.ts'
export { createTaskPerformer } from './perform-tasks.ts'
export { holdsTaskFor, queuedTaskFor } from './relate.ts'
export { taskProjection } from './project-tasks.ts'
export {
  descriptionOf,
  dueOf,
  escalatedTo,
  isOpen,
  journeyOf,
  outcomeOf,
  outcomesOf,
  roleOf,
  titleOf,
  words,
} from './task-words.ts'
