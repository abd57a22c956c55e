export { addDuration, type Calendar, type Duration, parseDuration } from './calendar.ts'
export { check, checkSource, checkTemplate, type Surroundings } from './check.ts'
export { type CompiledPathway, type CompiledStep, compile } from './compile.ts'
export { advance, type EngineContext, startFor } from './engine.ts'
export { type Explaining, explain, moment, type Why, waitingFor, why } from './explain.ts'
export { type Graph, graphOf, titleOf } from './graph.ts'
export { type Library, readLibrary } from './library.ts'
export {
  type Definition,
  definitionSchema,
  type Localized,
  type Locale,
  type Role,
  stepsOf,
  type Template,
} from './model.ts'
export { type Finding, parse } from './parse.ts'
export { type Scenario, type ScenarioReport, readScenario, runScenario } from './scenario.ts'
export type { Advanced, Effect, JourneyEvent, JourneyState, LogEntry, ResourceChange, Timer } from './state.ts'
