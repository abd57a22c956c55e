export { type ActOptions, actOnTask, type TaskAction } from './act-on-task.ts'
export { taskFor } from './ask-for-task.ts'
export { type Coverage, readCoverage, readHours } from './demand/coverage.ts'
export type { CoverageGap } from './demand/plan-coverage.ts'
export { type DecisionTask, decisionTask } from './decision-task.ts'
export { importNotFound, levelsRefused, noForm, taskNotFound } from './errors.ts'
export { countFiltered, type FilteredAsked, listFiltered } from './filters/filtered-work.ts'
export { listFilters, removeFilter, saveFilter, type SavedFilter } from './filters/saved-filters.ts'
export { countPlaces, countQueues } from './filters/team-queues.ts'
export { createClaimHandler } from './claims.ts'
export { createLadderHandler } from './levels/climb-ladder.ts'
export type { LevelPolicy } from './levels/level.ts'
export { openStretches } from './levels/open-stretches.ts'
export { levelsAt } from './levels/level-history.ts'
export { type LevelCount, type LevelPreview, previewLevels } from './levels/preview-levels.ts'
export { listSets, setLevels, type SetOfLevels, withdrawLevels } from './levels/set-levels.ts'
export { policyFaults, policyOf, type WrittenPolicy, writtenPolicy } from './levels/written-policy.ts'
export { levelOf, type TaskLevel } from './levels/task-level.ts'
export { countWork, listWork, type WorkList } from './list-work.ts'
export { countMatters, listMatters, type MatterRow, readMatter } from './matters/list-matters.ts'
export { type MatterList, matterLists } from './matters/matters-of.ts'
export { matterProjection } from './matters/project-matters.ts'
export { taskForMatter } from './matters/task-for-matter.ts'
export { createTaskPerformer } from './perform-tasks.ts'
export type { HouseOntology } from './ontology/house-ontology.ts'
export { placeOfPatient } from './ontology/place-of.ts'
export { readOntology } from './ontology/read-ontology.ts'
export { holdsTaskFor, queuedTaskFor } from './relate.ts'
export { createTaskProjection } from './project-tasks.ts'
export { createStaffProjection } from './staff/project-staff.ts'
export { ableFor, unblocksOf } from './staff/able-for.ts'
export type { Candidate } from './staff/candidates.ts'
export { giftOf, sayGift } from './staff/gift.ts'
export { givenAtOnce, givingSets, queuesOfKinds, setGiving } from './staff/giving.ts'
export { handOver, takeBack } from './staff/hand-over.ts'
export { assignBest, assignGreedily, type Batch } from './routing/index.ts'
export { licenceColumns, licenceTable } from './staff/import/licence-table.ts'
export { panelColumns } from './staff/import/panel-table.ts'
export { peopleColumns, peopleTable } from './staff/import/people-table.ts'
export { beginImport, createStaffImportHandler, takeImport, undoImport } from './staff/import/run-import.ts'
export { listImports, readImport, readLines, type StaffImport } from './staff/import/store.ts'
export { planAbsence } from './staff/plan-absence.ts'
export { askPlan, createPlanHandler } from './staff/plan-queues.ts'
export { anybodyMay, couldDo } from './staff/could-do.ts'
export { keepOverride, noteOffSystem } from './overrides/keep-override.ts'
export { listOverrides, overrideGroups, overrideReasonsSince } from './overrides/read-overrides.ts'
export { createRouting, languageOf, type Routing } from './staff/routing.ts'
export { readWorkload, type Workload } from './staff/workload.ts'
export { sayBar } from './staff/say-bar.ts'
export type { Member } from './staff/team.ts'
export { createLicenceHandler } from './staff/warn-licences.ts'
export type { Unblock } from './staff/unblock.ts'
export {
  claimedUntil,
  descriptionOf,
  dueOf,
  escalatedTo,
  formOf,
  isOpen,
  journeyOf,
  mergedInto,
  needOf,
  outcomeOf,
  outcomesOf,
  roleOf,
  snoozedUntil,
  titleOf,
  waitsFor,
  words,
} from './task-words.ts'
export { listWatches, openTasksOf, type SeenTask, tasksChanged, unwatch, type Watch, watch } from './watches.ts'
