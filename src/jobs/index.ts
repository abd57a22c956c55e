export { type DeadLetter, discardDeadLetter, listDeadLetters, retryDeadLetter } from './dead-letters.ts'
export { type Job, type JobHandler, type JobRequest, PermanentFailure } from './job.ts'
export { createJobWorker, enqueueJobs, type JobWorker } from './jobs.ts'
