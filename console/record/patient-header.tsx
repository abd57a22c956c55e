import type { Patient, Resource } from '@medplum/fhirtypes'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { BreakGlassDialog } from '../access/break-glass-dialog.tsx'
import { glassReasonsQuery, myGlassQuery } from '../api/access-queries.ts'
import { resourceQuery } from '../api/record-queries.ts'
import { WatchButton } from '../work/use-watching.tsx'
import { useWords } from '../i18n.ts'
import { useAccount } from '../parts/session-context.ts'
import { patientReferenceOf } from './columns.ts'
import { targetOf } from './reference-link.tsx'
import { officialName, sayIdentifier } from './say.ts'

/** The parts of a record that people mostly ask for, with the parameter that names the patient there. */
const parts = [
  ['ServiceRequest', 'patient'],
  ['Task', 'patient'],
  ['Appointment', 'patient'],
  ['Encounter', 'patient'],
  ['Observation', 'patient'],
  ['Condition', 'patient'],
  ['MedicationRequest', 'patient'],
  ['DocumentReference', 'patient'],
  ['Communication', 'subject'],
  ['Consent', 'patient'],
] as const

/** Whom a resource is about, always in the same place, and the way to the rest of that person's record. */
export function PatientHeader({ resource }: { resource: Resource }) {
  if (resource.resourceType === 'Patient') return <Shown patient={resource} />
  const id = targetOf(patientReferenceOf(resource)?.reference)?.id
  return id === undefined ? null : <Asked id={id} />
}

function Asked({ id }: { id: string }) {
  const patient = useQuery(resourceQuery('Patient', id))
  return patient.data?.resourceType === 'Patient' ? <Shown patient={patient.data} /> : null
}

function Shown({ patient }: { patient: Patient }) {
  const { t, date, code } = useWords()
  const account = useAccount()
  const id = patient.id ?? ''
  const [opening, setOpening] = useState(false)
  const reasons = useQuery(glassReasonsQuery)
  const mine = useQuery(myGlassQuery)
  const open = mine.data?.items.some((one) => one.patient.reference === `Patient/${id}`) ?? false
  const numbers = (patient.identifier ?? []).map(sayIdentifier).filter(Boolean)
  return (
    <section className="patient-header" aria-label={t('patient')} data-testid="patient-header">
      <p>
        <Link to="/record/$type/$id" params={{ type: 'Patient', id }}>
          <strong>{officialName(patient.name)}</strong>
        </Link>
        {patient.birthDate !== undefined && <span>{t('born', { date: date(patient.birthDate) })}</span>}
        {patient.gender !== undefined && <span>{code('gender', patient.gender)}</span>}
        {numbers.length > 0 && <span className="number">{numbers.join(', ')}</span>}
        {patient.deceasedBoolean === true || patient.deceasedDateTime !== undefined ? (
          <span className="tag">{t('deceased')}</span>
        ) : null}
        {reasons.data?.allowed === true && !open && (
          <button type="button" className="plain-button emergency" onClick={() => setOpening(true)}>
            {t('emergency')}…
          </button>
        )}
      </p>
      {account.may('work.read') && <WatchButton reference={`Patient/${id}`} />}
      <nav aria-label={t('inTheRecord')}>
        {parts.map(([type, parameter]) => (
          <Link
            key={type}
            to="/record"
            search={{ type }}
            state={{
              recordSearch: {
                by: account.id,
                type,
                conditions: [{ parameter, modifier: '', prefix: '', value: `Patient/${id}` }],
              },
            }}
          >
            {type}
          </Link>
        ))}
      </nav>
      {opening && <BreakGlassDialog patient={`Patient/${id}`} close={() => setOpening(false)} />}
    </section>
  )
}
