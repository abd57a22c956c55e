/** Systems and extension URLs that the service menu puts into the record. */
export const menuWords = {
  /** System of a service's identifier, and with its name the canonical of its definitions. */
  service: 'urn:throughline:service',
  pathway: 'urn:throughline:pathway',
  kind: 'urn:throughline:task-kind',
  jurisdiction: 'urn:iso:std:iso:3166:-2',
  mode: 'urn:throughline:service-mode',
  hours: 'urn:throughline:service-hours',
  eligibility: 'urn:throughline:eligibility',
  place: 'urn:throughline:service-place',
  definition: 'urn:throughline:service-definition',
} as const
