export { createRecord } from './create-record.ts'
export { bucketOf } from './patient-subject.ts'
export { bucketCount, type FhirRecord, type Projection, type RecordChange, type ResourceWrite, type WrittenResource } from './record.ts'
