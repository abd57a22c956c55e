import type { Route } from '../kernel/index.ts'
import type { DeskDependencies } from './desk.ts'
import { coverageRoutes } from './coverage-routes.ts'
import { designRoutes } from './design-routes.ts'
import { formRoutes } from './forms/form-routes.ts'
import { taskFormRoutes } from './forms/task-form-routes.ts'
import { journeyRoutes } from './journey-routes.ts'
import { givingRoutes } from './giving-routes.ts'
import { levelRoutes } from './level-routes.ts'
import { listRoutes } from './lists/list-routes.ts'
import { threadRoutes } from './lists/thread-routes.ts'
import { messageRoutes } from './message-routes.ts'
import { moveRoutes } from './move-routes.ts'
import { overrideRoutes } from './override-routes.ts'
import { pathwayFhirRoutes } from './pathway-fhir-routes.ts'
import { filterRoutes } from './queues/filter-routes.ts'
import { queueRoutes } from './queues/queue-routes.ts'
import { watchRoutes } from './queues/watch-routes.ts'
import { replayRoutes } from './replay-routes.ts'
import { orderRoutes } from './services/order-routes.ts'
import { serviceRoutes } from './services/service-routes.ts'
import { simulationRoutes } from './simulation-routes.ts'
import { staffImportRoutes } from './staff-import-routes.ts'
import { teamRoutes } from './team-routes.ts'
import { workloadRoutes } from './workload-routes.ts'
import { workRoutes } from './work-routes.ts'

export { type DeskDependencies, patientsOf } from './desk.ts'
export { formsToName } from './forms/canonical.ts'
export { pathwayForms } from './forms/publish-form.ts'
export { serviceAround } from './services/around.ts'
export { formGuard } from './forms/check-answers.ts'

/** Everything that the console asks of the rooms below. */
export const deskRoutes = (dependencies: DeskDependencies): Route[] => [
  ...workRoutes(dependencies),
  ...filterRoutes(dependencies),
  ...queueRoutes(dependencies),
  ...watchRoutes(dependencies),
  ...teamRoutes(dependencies),
  ...staffImportRoutes(dependencies),
  ...coverageRoutes(dependencies),
  ...workloadRoutes(dependencies),
  ...levelRoutes(dependencies),
  ...givingRoutes(dependencies),
  ...listRoutes(dependencies),
  ...threadRoutes(dependencies),
  ...taskFormRoutes(dependencies),
  ...formRoutes(dependencies),
  ...journeyRoutes(dependencies),
  ...designRoutes(dependencies),
  ...pathwayFhirRoutes(dependencies),
  ...messageRoutes(dependencies),
  ...moveRoutes(dependencies),
  ...overrideRoutes(dependencies),
  ...replayRoutes(dependencies),
  ...orderRoutes(dependencies),
  ...serviceRoutes(dependencies),
  ...simulationRoutes(dependencies),
]
export { twoPeopleAnswer } from './forms/second-person.ts'
