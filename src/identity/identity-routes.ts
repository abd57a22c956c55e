import type { Route } from '../kernel/index.ts'
import { siteOf } from './passkeys.ts'
import { accountRoutes } from './routes/account-routes.ts'
import { clientRoutes } from './routes/client-routes.ts'
import { commonOf, type IdentityDependencies } from './routes/dependencies.ts'
import { peopleRoutes } from './routes/people-routes.ts'
import { providerRoutes } from './routes/provider-routes.ts'
import { sessionRoutes } from './routes/session-routes.ts'
import { smartRoutes, smartSecurity } from './routes/smart-routes.ts'

export function identityRoutes(dependencies: IdentityDependencies): Route[] {
  const common = commonOf(dependencies, siteOf(dependencies.publicUrl))
  return [
    ...sessionRoutes(common),
    ...accountRoutes(common),
    ...peopleRoutes(common),
    ...clientRoutes(common),
    ...providerRoutes(common),
    ...smartRoutes(common),
  ]
}

/** What the record's CapabilityStatement says of how to be let in. */
export const securityStatement =
  (dependencies: IdentityDependencies) => (headers: Parameters<typeof smartSecurity>[1]) =>
    smartSecurity(commonOf(dependencies, undefined), headers)
