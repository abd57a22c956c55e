import { Button, Modal, NativeSelect, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { ServiceBegun, ServiceOrder } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { serviceOrdersQuery } from '../api/service-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import { PickPatient } from './pick-patient.tsx'

interface BeginProps {
  service: string
  title: string
  /** Id; chosen in the dialog when it is not known yet. */
  patient?: string
  close: () => void
}

/** A service begun for a patient: whether it can be, what begins with it, and how it is wanted. */
export function BeginDialog({ service, title, patient, close }: BeginProps) {
  const { t } = useWords()
  const [picked, setPicked] = useState(patient)
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={t('serviceBeginNamed', { name: title })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {picked === undefined ? (
        <PickPatient pick={setPicked} />
      ) : (
        <Begin
          service={service}
          patient={picked}
          close={close}
          {...(patient === undefined ? { other: () => setPicked(undefined) } : {})}
        />
      )}
    </Modal>
  )
}

interface StepProps {
  service: string
  patient: string
  close: () => void
  /** Back to the choice of a patient. */
  other?: () => void
}

function Begin({ service, patient, close, other }: StepProps) {
  const { t } = useWords()
  const orders = useQuery(serviceOrdersQuery(patient, service))
  if (orders.isPending) return <Waiting lines={5} />
  if (!orders.data) return <Failure error={orders.error} retry={orders.refetch} />
  const [order] = orders.data.items
  if (!order) return <p>{t('serviceOffMenu')}</p>
  if (!order.can)
    return (
      <div className="form">
        <p>{t('serviceCannot')}</p>
        <Bars order={order} />
        <div className="form-end">
          {other && <Button onClick={other}>{t('otherPatient')}</Button>}
          <Button onClick={close}>{t('close')}</Button>
        </div>
      </div>
    )
  return <OrderForm order={order} patient={patient} close={close} />
}

/** Why a service cannot be begun. */
export function Bars({ order }: { order: ServiceOrder }) {
  return (
    <ul className="comments" data-testid="service-bars">
      {order.bars.map(({ code, sentence }) => (
        <li key={`${code} ${sentence}`}>{sentence}</li>
      ))}
    </ul>
  )
}

function OrderForm({ order, patient, close }: { order: ServiceOrder; patient: string; close: () => void }) {
  const { t, either } = useWords()
  const [mode, setMode] = useState(order.modes[0] ?? 'telephone')
  const [place, setPlace] = useState('')
  const [note, setNote] = useState('')
  const begin = useAct(
    () =>
      call<ServiceBegun>('POST', `/api/services/${encodeURIComponent(order.service.id)}/orders`, {
        patient,
        mode,
        ...(place === '' ? {} : { place }),
        ...(note.trim() === '' ? {} : { note }),
      }),
    {
      anew: [['service-orders'], ['record'], ['work'], ['journeys']],
      quiet: true,
    },
  )
  if (begin.data) {
    const [, id = ''] = begin.data.order.split('/')
    return (
      <div className="form">
        <p role="status">
          {t('serviceBegun')}{' '}
          <Link to="/record/$type/$id" params={{ type: 'ServiceRequest', id }} onClick={close}>
            {t('serviceSeeOrder')}
          </Link>
        </p>
        <div className="form-end">
          <Button onClick={close} data-autofocus>
            {t('close')}
          </Button>
        </div>
      </div>
    )
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    begin.mutate()
  }
  const begins = [
    ...order.pathways.map(({ title }) => t('serviceBeginsPathway', { name: either(title) })),
    ...order.forms.map(({ title }) => t('serviceBeginsForm', { name: title })),
    ...(order.pathways.length + order.forms.length === 0 ? [t('serviceBeginsOrder')] : []),
  ]
  return (
    <form className="form" onSubmit={submit} data-testid="service-order">
      <FormFailure error={begin.error} />
      <ul className="comments">
        {order.jurisdiction && <li>{t('serviceOfferedIn', { place: either(order.jurisdiction.title) })}</li>}
        {begins.map((one) => (
          <li key={one}>{one}</li>
        ))}
        <li className="quiet">{t('serviceNoSlots')}</li>
      </ul>
      <NativeSelect
        label={t('serviceModes')}
        value={mode}
        onChange={({ currentTarget: { value } }) => setMode(order.modes.find((one) => one === value) ?? mode)}
        data={order.modes.map((one) => ({ value: one, label: t(`mode_${one}`) }))}
      />
      {order.places.length > 0 && (
        <NativeSelect
          label={t('servicePlaces')}
          value={place}
          onChange={(event) => setPlace(event.currentTarget.value)}
          data={[
            { value: '', label: t('serviceAnyPlace') },
            ...order.places.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      )}
      <Textarea
        label={t('serviceNote')}
        autosize
        maxLength={1_000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <div className="form-end">
        <Button onClick={close}>{t('cancel')}</Button>
        <Button type="submit" variant="filled" loading={begin.isPending}>
          {t('serviceBegin')}
        </Button>
      </div>
    </form>
  )
}
