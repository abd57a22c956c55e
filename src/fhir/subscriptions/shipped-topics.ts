import type { Topic, Trigger } from './topic.ts'

const any = (resource: string): Trigger => ({
  resource,
  interactions: ['create', 'update', 'delete'],
  requireBoth: false,
})
/** The status becomes one of those given: it was another one before, or there was no version before. */
const becomes = (resource: string, statuses: string): Trigger => ({
  resource,
  interactions: ['create', 'update'],
  previous: `status:not=${statuses}`,
  current: `status=${statuses}`,
  resultForCreate: 'test-passes',
  resultForDelete: 'test-fails',
  requireBoth: true,
})

const topic = (name: string, title: string, description: string, trigger: Trigger, parameters: string): Topic => ({
  url: `urn:throughline:topic:${name}`,
  title,
  description,
  triggers: [trigger],
  filters: parameters.split(' ').map((parameter) => ({ resource: trigger.resource, parameter, modifiers: [] })),
})

const task = '_id patient owner status business-status code focus requester performer priority based-on'
const request = '_id patient status intent category code requester performer priority encounter'
const observation = '_id patient subject status category code encounter performer'
const encounter = '_id patient status class type participant practitioner location service-provider'

/** The topics that every organisation has. One of its own under the same url takes the place of one of these. */
export const shippedTopics: readonly Topic[] = [
  topic('task-changed', 'Task changed', 'A task was made, changed or deleted.', any('Task'), task),
  topic('task-completed', 'Task completed', 'A task became completed.', becomes('Task', 'completed'), task),
  topic(
    'service-request-changed',
    'Request changed',
    'A request for a service was made, changed or deleted.',
    any('ServiceRequest'),
    request,
  ),
  topic(
    'encounter-started',
    'Encounter started',
    'An encounter became in progress.',
    becomes('Encounter', 'in-progress'),
    encounter,
  ),
  topic(
    'encounter-finished',
    'Encounter finished',
    'An encounter became finished.',
    becomes('Encounter', 'finished'),
    encounter,
  ),
  topic(
    'observation-final',
    'Observation final',
    'An observation became final.',
    becomes('Observation', 'final'),
    observation,
  ),
  topic(
    'observation-corrected',
    'Observation corrected',
    'A final observation was amended or corrected.',
    becomes('Observation', 'amended,corrected'),
    observation,
  ),
  topic(
    'diagnostic-report-final',
    'Report final',
    'A diagnostic report became final.',
    becomes('DiagnosticReport', 'final'),
    '_id patient subject status category code encounter',
  ),
  topic(
    'appointment-changed',
    'Appointment changed',
    'An appointment was made, changed or deleted.',
    any('Appointment'),
    '_id patient practitioner location status service-type based-on',
  ),
  topic(
    'patient-changed',
    'Patient changed',
    'What is written of a patient was made, changed or deleted.',
    any('Patient'),
    '_id identifier general-practitioner organization',
  ),
]
