export { createRequestPerformer } from './perform-requests.ts'
