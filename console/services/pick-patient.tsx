import { Button, TextInput } from '@mantine/core'
import type { Patient } from '@medplum/fhirtypes'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { recordSearchQuery } from '../api/record-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Waiting } from '../parts/states.tsx'
import { officialName } from '../record/say.ts'

const most = 10

/** Patients by name, the first ten: one is chosen. What is searched for is sent as a form, and stands in no address. */
export function PickPatient({ pick }: { pick: (id: string) => void }) {
  const { t, date } = useWords()
  const [text, setText] = useState('')
  const [asked, setAsked] = useState('')
  const found = useInfiniteQuery({
    ...recordSearchQuery('Patient', new URLSearchParams({ name: asked, _count: String(most) })),
    enabled: asked !== '',
  })
  const patients = (found.data?.pages[0]?.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'Patient' && resource.id !== undefined ? [resource as Patient & { id: string }] : [],
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setAsked(text.trim())
  }
  return (
    <>
      <form className="filters" role="search" aria-label={t('patient')} onSubmit={submit}>
        <TextInput
          size="xs"
          label={t('patientName')}
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" variant="filled" disabled={text.trim() === ''}>
          {t('search')}
        </Button>
      </form>
      {asked !== '' && found.isPending && <Waiting lines={4} />}
      {found.error !== null && <Failure error={found.error} retry={found.refetch} />}
      {asked !== '' && found.data && patients.length === 0 && <p className="quiet">{t('nobodyByThatName')}</p>}
      <ul className="lines">
        {patients.map((patient) => (
          <li key={patient.id}>
            <span>
              <strong>{officialName(patient.name)}</strong>{' '}
              {patient.birthDate !== undefined && (
                <span className="quiet">{t('born', { date: date(patient.birthDate) })}</span>
              )}
            </span>
            <Button onClick={() => pick(patient.id)}>{t('chooseThis')}</Button>
          </li>
        ))}
      </ul>
      {patients.length === most && <p className="quiet">{t('moreByThatName')}</p>}
    </>
  )
}
