import type { Route } from '../../kernel/index.ts'
import type { VersionsDependencies } from './dependencies.ts'
import { draftRoutes } from './draft-routes.ts'
import { versionRoutes } from './version-routes.ts'

/** Pathways over HTTP: drafts, their review, versions, what is live where. */
export const pathwayRoutes = (dependencies: VersionsDependencies): Route[] => [
  ...versionRoutes(dependencies),
  ...draftRoutes(dependencies),
]
