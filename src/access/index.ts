export { may, type Permission, permissionsOf, refuseUnless, roleTitles } from './permissions.ts'
