export { type Account, createAccount, type NewAccount } from './accounts.ts'
export { type IdentityDependencies, identityRoutes } from './routes.ts'
export { authenticate, type Caller, createToken } from './sessions.ts'
export { setUp } from './set-up.ts'
