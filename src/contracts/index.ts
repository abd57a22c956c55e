export * as api from './api.ts'
export * as access from './access.ts'
export * as identity from './identity.ts'
export * as judgements from './judgements.ts'
export * as release from './release.ts'
export * as flags from './flags.ts'
export * as lists from './lists.ts'
export * as queues from './queues.ts'
export * as watches from './watches.ts'
export * as watching from './watching.ts'
export * as runbooks from './runbooks.ts'
export * as safety from './safety-case.ts'
export type {
  AccountList,
  AuditList,
  AuditProof,
  AuditSeals,
  Board,
  BulkDone,
  Catalogue,
  Checked,
  CommentList,
  Comparison,
  ConceptSearch,
  Coverage,
  CoverageHours,
  DeadLetterList,
  DesignSurroundings,
  Draft,
  DraftItem,
  DraftList,
  DraftSave,
  DraftSaved,
  Examination,
  Fault,
  Finding,
  FormList,
  FormQuestion,
  FormVersion,
  Graph,
  Handovers,
  JourneyDetail,
  JourneyList,
  MessageDetail,
  MessageItem,
  MessageList,
  Move,
  MoveChange,
  MoveCohort,
  MovedJourney,
  MoveFate,
  MoveList,
  MoveMapping,
  MovePreview,
  MoveEditor,
  MoveReason,
  MoveRows,
  MoveRowStatus,
  StepMove,
  PathwayHistory,
  PathwayImport,
  PathwayList,
  PathwayVersion,
  PeopleList,
  RecordedScenario,
  ReplayDetail,
  ReplayJourney,
  ReplayJourneys,
  ReplayList,
  RoleList,
  RolledBack,
  ScenarioReport,
  ScenariosRan,
  Session,
  Simulation,
  SimulationFit,
  SimulationSettings,
  SubscriptionList,
  TakenBack,
  TaskPeople,
  Team,
  TaskForm,
  TerminologyLoads,
  TerminologySystems,
  TokenList,
  TokenMade,
  TopicList,
  TransferList,
  WentLive,
  WhyAnswer,
  WorkCounts,
  WorkDetail,
  Workload,
  WorkItem,
  WorkList,
} from './api.ts'
export type {
  ApplicationList,
  Client,
  ClientList,
  ClientMade,
  LaunchMade,
  MyAccount,
  PasskeyAsked,
  ProviderList,
  RecoveryCodes,
  SessionList,
  SignInPolicy,
  SignInStep,
  SignInWays,
  SigningKeyList,
  TotpBegun,
} from './identity.ts'
export type {
  AllGlass,
  ConsentList,
  GlassReasons,
  MyGlass,
  PolicyVersion,
  PolicyVersions,
  WhyAccess,
} from './access.ts'
export type { Hazard, ModelCard, ReleaseNote, ReleaseNoteList, SafetyCase } from './safety-case.ts'
export type { Drill, PostmortemActions, RunbookContent, RunbookPage } from './runbooks.ts'
export { type ImportLines, importKinds, type StaffImport, type StaffImports } from './staff-imports.ts'
export type { Giving } from './giving.ts'
export type { ServiceBegun, ServiceOrder, ServiceOrders } from './service-orders.ts'
export { levelPolicy, type LevelPolicyView, type Levels, type LevelsPreview } from './levels.ts'
export {
  type AblePeople,
  type Bounded,
  type FilterChoices,
  type FilterSaved,
  type SavedFilters,
  type TeamQueues,
  type Unblocks,
  type WorkConditions,
  type WorkFilter,
  workFilter,
} from './queues.ts'
export type { Watched, WatchedReferences, Watches } from './watches.ts'
export type { ListCounts, MatterItem, MatterListName, MatterPage, Thread } from './lists.ts'
export type { AutomationWatch, FairGroups, WatchChart } from './watching.ts'
export type { Flag, FlagChangeItem, FlagHistory, FlagItem, FlagList } from './flags.ts'
export type { VersionComparison } from './judgements.ts'
export type {
  Automation,
  AutomationList,
  DecisionDetail,
  DecisionItem,
  DecisionList,
  Incident,
  IncidentList,
  ReleaseLevel,
  ReleaseScope,
  Replayed,
  RolloutList,
  Training,
} from './release.ts'
export {
  codeSystems,
  feeSystems,
  modes as serviceModes,
  type OfferedIn,
  type ServiceChecked,
  type ServiceChoices,
  serviceDefinition,
  type ServiceDefinition,
  type ServiceDetail,
  type ServiceEligible,
  type ServiceList,
  type ServiceOffered,
  type ServicesOffered,
} from './services.ts'
export {
  type OverrideKind,
  type OverrideList,
  type OverrideReason,
  overrideReasons,
  type OverrideSummary,
} from './overrides.ts'
