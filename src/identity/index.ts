export { type Account, createAccount, listAccounts, listPeople, type NewAccount } from './accounts.ts'
export { type IdentityDependencies, identityRoutes, sessionCookie } from './routes.ts'
export { authenticate, type Caller, createToken, signIn, signOut } from './sessions.ts'
export { setUp, setupNeeded, slugOf } from './set-up.ts'
