/** How a kind of request says what an ActivityDefinition says. An element that is not named the kind does not have. */
export interface RequestShape {
  status: string
  subject: string
  authored?: string
  requester?: string
  /** Where `code` goes, and where a product goes when there is one. */
  code?: string
  product?: string
  quantity?: string
  /** Stem of the choice that takes the timing. */
  timing?: string
  location?: string
  description?: string
  performerType?: string
}

/** The kinds of ActivityDefinition.kind that a request can be made of (FHIR R4 request-resource-types). */
export const requestShapes: Readonly<Record<string, RequestShape | undefined>> = {
  // Its subject is a participant.
  Appointment: {
    status: 'proposed',
    subject: '',
    authored: 'created',
    code: 'serviceType',
    description: 'description',
  },
  CarePlan: {
    status: 'draft',
    subject: 'subject',
    authored: 'created',
    requester: 'author',
    code: 'category',
    description: 'description',
  },
  CommunicationRequest: {
    status: 'draft',
    subject: 'subject',
    authored: 'authoredOn',
    requester: 'requester',
    code: 'category',
    timing: 'occurrence',
  },
  DeviceRequest: {
    status: 'draft',
    subject: 'subject',
    authored: 'authoredOn',
    requester: 'requester',
    code: 'codeCodeableConcept',
    product: 'code',
    timing: 'occurrence',
    performerType: 'performerType',
  },
  MedicationRequest: {
    status: 'draft',
    subject: 'subject',
    authored: 'authoredOn',
    requester: 'requester',
    code: 'medicationCodeableConcept',
    product: 'medication',
    quantity: 'dispenseRequest',
    performerType: 'performerType',
  },
  NutritionOrder: { status: 'draft', subject: 'patient', authored: 'dateTime', requester: 'orderer' },
  ServiceRequest: {
    status: 'draft',
    subject: 'subject',
    authored: 'authoredOn',
    requester: 'requester',
    code: 'code',
    quantity: 'quantityQuantity',
    timing: 'occurrence',
    location: 'locationReference',
    performerType: 'performerType',
  },
  SupplyRequest: {
    status: 'draft',
    subject: 'deliverTo',
    authored: 'authoredOn',
    requester: 'requester',
    code: 'itemCodeableConcept',
    product: 'item',
    quantity: 'quantity',
    timing: 'occurrence',
  },
  Task: {
    status: 'draft',
    subject: 'for',
    authored: 'authoredOn',
    requester: 'requester',
    code: 'code',
    location: 'location',
    description: 'description',
    performerType: 'performerType',
  },
}
