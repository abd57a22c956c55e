export { type DeadLetter, discardDeadLetter, listDeadLetters, retryDeadLetter } from './dead-letters.ts'
export { enqueueJobs, hurryJob, nextRuns, removeJob, wakeJobs } from './enqueue.ts'
export { type Job, type JobHandler, type JobOutcome, type JobRequest, PermanentFailure } from './job.ts'
export { createJobWorker, type JobWorker } from './jobs.ts'
