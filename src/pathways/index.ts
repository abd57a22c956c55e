export { branchesOf } from './branches.ts'
export { addDuration, type Calendar, type Duration, momentOf, nextAt, onClock, wallTime } from './calendar.ts'
export { checkSource, type PublishedOutline, type Surroundings } from './check.ts'
export { checkTemplate } from './check-template.ts'
export { type Compared, compareDefinitions } from './compare/compare-definitions.ts'
export { type CompiledPathway, type CompiledStep, compile } from './compile.ts'
export { mayAct } from './act.ts'
export { catchUp } from './catch-up.ts'
export { advance, startFor, zoneOf } from './engine.ts'
export { type Explaining, explain, type Why, waitingFor, why } from './explain.ts'
export { type DraftDefaults } from './fhir/draft-from-foreign.ts'
export { fromFhir, type Imported } from './fhir/from-fhir.ts'
export { type ExtensionName, extensions as fhirExtensions, extensionUrl, planUrl } from './fhir/names.ts'
export { type ImportNote } from './fhir/report.ts'
export { localizedTitle } from './fhir/words-of.ts'
export { toFhir, type ToFhirOptions } from './fhir/to-fhir.ts'
export { type Graph, titleOf } from './graph.ts'
export { calendarSchema, type ContactBudget, type Library, readLibrary, scenariosOf } from './library.ts'
export {
  type Definition,
  type Localized,
  type Locale,
  predecessorsOf,
  type Role,
  stepsOf,
  type Template,
  templateSchema,
} from './model.ts'
export { checkMapping, type MappingFault } from './moving/check-mapping.ts'
export type { MovedState } from './moving/move-state.ts'
export { type MoveDecision, moveBack, type MovePlan, planMove } from './moving/plan-move.ts'
export { fitting, type ProposedMapping, proposeMapping } from './moving/propose.ts'
export { sayChange, sayReason, type SayingMove } from './moving/say-change.ts'
export { type Next, nextOf } from './next.ts'
export { outlineOf } from './outline.ts'
export { type Finding, parse } from './parse.ts'
export { type Picture, pictureOf } from './picture.ts'
export { readYaml } from './read-yaml.ts'
export { recordScenario } from './record-scenario/record-scenario.ts'
export { type AnswerPool, type Assumption, PoolMaker } from './replay/assume.ts'
export type { Change, Difference, Side } from './replay/differences.ts'
export { Fingerprint } from './replay/fingerprint.ts'
export { LookAhead, type Played } from './replay/play.ts'
export { citedBy, type RecordedChange } from './replay/recorded.ts'
export { type KeptJourney, type PatientRecord, type Replayed, replayPatient } from './replay/replay.ts'
export { type Reason, sideBySide } from './replay/side-by-side.ts'
export { type Comparison, compareRuns } from './simulation/compare.ts'
export { type Evidence, LogFit } from './simulation/fit-logs.ts'
export type { Settings } from './simulation/settings.ts'
export { type Run, simulateOnce } from './simulation/simulate.ts'
export { type Summary, summarize } from './simulation/summary.ts'
export { emptyTally, medianHours, merge, type Stays, type Tally, tally } from './replay/tally.ts'
export { sourceOf } from './source-of.ts'
export { type NamedScenario, runScenarios, type ScenariosReport } from './run-scenarios.ts'
export { type Scenario, type ScenarioReport, readScenario, runScenario } from './scenario.ts'
export type {
  Advanced,
  Effect,
  EngineContext,
  JourneyEvent,
  JourneyState,
  LogEntry,
  PersonalAct,
  ResourceChange,
  Timer,
} from './state.ts'
export { whyNot } from './why-not.ts'
export { outcomeTitle } from './words.ts'
export { placeholders, type StepKind, kindOf, outcomesOf } from './model.ts'
export {
  allSteps,
  asDefinition,
  asStep,
  changed,
  type Design,
  type DesignStep,
  findStep,
  freshName,
} from './edit/design.ts'
export { type AtHand, newStep } from './edit/new-step.ts'
export {
  addStage,
  addTrack,
  copySteps,
  editTop,
  editTrack,
  pasteSteps,
  removeStage,
  removeTrack,
  splitStage,
} from './edit/part-edits.ts'
export { type AskedQuestion, branchOnAnswer, keepAnswer, questionOf } from './edit/answers.ts'
export { expectAsFound } from './edit/expect-as-found.ts'
export { readRecordCondition, type RecordClause, writeRecordCondition } from './edit/record-conditions.ts'
export {
  clockText,
  nextTimer,
  rehearsalBegins,
  rehearse,
  type Rehearsed,
  type ScenarioLine,
  scenarioOf,
  stringifyScenario,
} from './edit/rehearse.ts'
export { sampleResource } from './edit/sample-resource.ts'
export {
  addStep,
  afterOf,
  connect,
  disconnect,
  edgeOf,
  editStep,
  follow,
  insertStep,
  moveStep,
  type Needs,
  removeOutcome,
  removeStep,
  renameOutcome,
  renameStep,
  secondApprover,
} from './edit/step-edits.ts'
export {
  type VariableComparison,
  comparisons,
  readVariableCondition,
  type VariableClause,
  writeVariableCondition,
} from './edit/variable-conditions.ts'
export { readDesign, writeDesign } from './edit/write-design.ts'
