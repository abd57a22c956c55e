// A small population whose every relationship, label and consent differs, for the tests of access.
import type { CareTeam, Consent, ConsentProvision, Observation, Patient, Resource, Task } from '@medplum/fhirtypes'

type Stored = Resource & { id: string }

const icd = 'http://hl7.org/fhir/sid/icd-10-cm'
const label = (...codes: string[]) => ({ security: codes.map((code) => ({ code })) })
const day = 86_400_000

const consent = (id: string, patient: string, provision: ConsentProvision, more: Partial<Consent> = {}): Stored => ({
  resourceType: 'Consent',
  id,
  status: 'active',
  scope: { coding: [{ code: 'patient-privacy' }] },
  category: [{ text: 'privacy' }],
  patient: { reference: patient },
  policyRule: { text: 'clinic' },
  provision,
  ...more,
})
const actor = (reference: string) => [{ role: { coding: [{ code: 'IRCP' }] }, reference: { reference } }]
const purpose = (...list: string[]) => list.map((code) => ({ code }))

/** The consents that patients c1, c2 … have given, one each. */
const consents: ((patient: string) => Stored)[] = [
  (p) => consent('deny-all', p, { type: 'deny' }),
  (p) => consent('deny-ann', p, { type: 'deny', actor: actor('Practitioner/ann') }),
  (p) => consent('deny-organisation', p, { type: 'deny', actor: actor('Organization/north') }),
  (p) =>
    consent('permit-but-psy', p, { type: 'permit', provision: [{ type: 'deny', securityLabel: [{ code: 'PSY' }] }] }),
  (p) =>
    consent('deny-but-ann', p, { type: 'deny', provision: [{ type: 'permit', actor: actor('Practitioner/ann') }] }),
  (p) =>
    consent(
      'opt-out-but-team',
      p,
      { provision: [{ type: 'permit', actor: actor('CareTeam/team-c6') }] },
      { policyRule: { coding: [{ code: 'OPTOUT' }] } },
    ),
  (p) => consent('opt-in', p, {}, { policyRule: { coding: [{ code: 'OPTIN' }] } }),
  (p) => consent('deny-research', p, { type: 'deny', purpose: purpose('HRESCH') }),
  (p) => consent('permit-treatment', p, { type: 'permit', purpose: purpose('TREAT') }),
  (p) =>
    consent('deny-observations', p, {
      type: 'deny',
      class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Observation' }],
    }),
  (p) => consent('deny-coded', p, { type: 'deny', code: [{ coding: [{ system: icd, code: 'J45' }] }] }),
  (p) => consent('deny-lately', p, { type: 'deny', dataPeriod: { start: '2026-01-01', end: '2026-12-31' } }),
  (p) => consent('over', p, { type: 'deny', period: { end: '2025-12-31' } }),
  (p) => consent('to-come', p, { type: 'deny', period: { start: '2026-12-01' } }),
  (p) => consent('withdrawn', p, { type: 'deny' }, { status: 'inactive' }),
  (p) => consent('absolute', p, { type: 'deny', purpose: purpose('TREAT', 'ETREAT', 'HOPERAT') }),
  (p) => consent('deny-disclosing', p, { type: 'deny', action: [{ coding: [{ code: 'disclose' }] }] }),
  (p) => consent('deny-correcting', p, { type: 'deny', action: [{ coding: [{ code: 'correct' }] }] }),
  (p) =>
    consent('nested-twice', p, {
      type: 'permit',
      provision: [
        {
          type: 'deny',
          class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Condition' }],
          provision: [{ type: 'permit', actor: actor('Practitioner/ann') }],
        },
      ],
    }),
  (p) => consent('to-treatment', p, { type: 'deny' }, { scope: { coding: [{ code: 'treatment' }] } }),
  (p) =>
    consent('for-a-while', p, { provision: [{ type: 'deny', period: { start: '2026-01-01', end: '2027-01-01' } }] }),
]

/** Resources in the order they are written; the same id again is a later version, `delete` ends one. */
export function accessWorld(now: number): (Stored | { delete: string })[] {
  const iso = (offset: number) => new Date(now + offset).toISOString()
  const patient = (id: string, more: Partial<Patient> = {}): Stored => ({ resourceType: 'Patient', id, ...more })
  const observation = (id: string, subject: string, more: Partial<Observation> = {}): Stored => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
    subject: { reference: subject },
    ...more,
  })
  const task = (id: string, subject: string, more: Partial<Task>): Stored => ({
    resourceType: 'Task',
    id,
    status: 'requested',
    intent: 'order',
    for: { reference: subject },
    ...more,
  })
  const team = (id: string, subject: string, member: string, more: Partial<CareTeam> = {}): Stored => ({
    resourceType: 'CareTeam',
    id,
    status: 'active',
    subject: { reference: subject },
    participant: [{ member: { reference: member } }],
    ...more,
  })
  const condition = (id: string, subject: string, code: string, more: Partial<Resource> = {}) =>
    ({
      resourceType: 'Condition',
      id,
      subject: { reference: subject },
      code: { coding: [{ system: icd, code }] },
      ...more,
    }) as Stored
  const related = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13']
  const everyday = (id: string): Stored[] => [
    observation(`${id}-plain`, `Patient/${id}`, { effectiveDateTime: '2026-02-01' }),
    observation(`${id}-older`, `Patient/${id}`, { effectiveDateTime: '2024-02-01' }),
    observation(`${id}-restricted`, `Patient/${id}`, { meta: label('R') }),
    observation(`${id}-very`, `Patient/${id}`, { meta: label('V') }),
    condition(`${id}-asthma`, `Patient/${id}`, 'J45'),
    condition(`${id}-mood`, `Patient/${id}`, 'F32.1'),
  ]
  return [
    { resourceType: 'Practitioner', id: 'ann' },
    { resourceType: 'Practitioner', id: 'bob' },
    { resourceType: 'Organization', id: 'north' },
    {
      resourceType: 'PractitionerRole',
      id: 'bob-north',
      practitioner: { reference: 'Practitioner/bob' },
      organization: { reference: 'Organization/north' },
    },
    ...related.map((id) =>
      patient(id, {
        ...(id === 'r1' ? { generalPractitioner: [{ reference: 'Practitioner/ann' }] } : {}),
        ...(id === 'r2' ? { managingOrganization: { reference: 'Organization/north' } } : {}),
        ...(id === 'r3' || id === 'r4' ? { meta: label('CEL') } : {}),
      }),
    ),
    team('team-r4', 'Patient/r4', 'Practitioner/ann'),
    team('team-r5', 'Patient/r5', 'Practitioner/ann', { period: { end: '2026-01-01' } }),
    team('team-r6', 'Patient/r6', 'PractitionerRole/bob-north'),
    {
      resourceType: 'Appointment',
      id: 'visit-r7',
      status: 'booked',
      end: iso(-10 * day),
      participant: ['Patient/r7', 'Practitioner/ann'].map((reference) => ({
        actor: { reference },
        status: 'accepted' as const,
      })),
    },
    {
      resourceType: 'Appointment',
      id: 'visit-two',
      status: 'booked',
      end: iso(-40 * day),
      participant: ['Patient/r8', 'Patient/r4', 'Practitioner/ann'].map((reference) => ({
        actor: { reference },
        status: 'accepted' as const,
      })),
    },
    {
      resourceType: 'Encounter',
      id: 'seen-r9',
      status: 'in-progress',
      class: { code: 'AMB' },
      subject: { reference: 'Patient/r9' },
      participant: [{ individual: { reference: 'Practitioner/bob' } }],
    },
    task('task-r10', 'Patient/r10', { owner: { reference: 'Practitioner/ann' }, status: 'accepted' }),
    task('done-r11', 'Patient/r11', { owner: { reference: 'Practitioner/ann' }, status: 'completed' }),
    task('queue-r12', 'Patient/r12', {
      performerType: [{ coding: [{ system: 'urn:throughline:role', code: 'triage-nurse' }] }],
    }),
    {
      resourceType: 'Person',
      id: 'ann-too',
      link: [{ target: { reference: 'Practitioner/ann' } }, { target: { reference: 'Patient/r13' } }],
    },
    { resourceType: 'RelatedPerson', id: 'son', patient: { reference: 'Patient/r11' } },
    {
      resourceType: 'Person',
      id: 'bob-too',
      link: [{ target: { reference: 'Practitioner/bob' } }, { target: { reference: 'RelatedPerson/son' } }],
    },
    ...related.flatMap(everyday),
    ...consents.flatMap((make, index) => {
      const id = `c${index + 1}`
      return [patient(id), ...everyday(id), make(`Patient/${id}`)]
    }),
    team('team-c6', 'Patient/c6', 'Practitioner/ann'),
    // Two patients in one resource: what holds for either of them holds for it.
    observation('both', 'Patient/r1', { performer: [{ reference: 'Patient/c1' }] }),
    // Versions: the label went, the patient was corrected, the resource was deleted.
    observation('was-restricted', 'Patient/r1', { meta: label('R') }),
    observation('was-restricted', 'Patient/r1'),
    observation('was-anothers', 'Patient/c1'),
    observation('was-anothers', 'Patient/r1'),
    observation('was-hers', 'Patient/r1'),
    observation('was-hers', 'Patient/r5'),
    observation('gone', 'Patient/c1'),
    { delete: 'Observation/gone' },
    patient('was-public', { meta: label('CEL') }),
    observation('of-was-public', 'Patient/was-public'),
    patient('was-public'),
  ]
}
