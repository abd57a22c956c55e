import { Button, NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ServiceList, ServicesOffered } from '../../src/contracts/index.ts'
import { servicesOfferedQuery, servicesQuery } from '../api/service-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { TeamTabs } from '../team/team-tabs.tsx'
import { NewServiceDialog } from './new-service-dialog.tsx'
import { usePlaces } from './use-places.ts'

const route = getRouteApi('/services')
type Item = ServiceList['items'][number]

/** What the house offers; for one state or province, what can be had there now. */
export function ServicesPage() {
  const { t } = useWords()
  const account = useAccount()
  const { place = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const services = useQuery(servicesQuery)
  const offered = useQuery({ ...servicesOfferedQuery(place), enabled: place !== '' })
  const titleOf = usePlaces()
  const [writing, setWriting] = useState(false)
  const items = services.data?.items ?? []
  const places = [...new Set(items.flatMap(({ jurisdictions }) => jurisdictions))]
  const shown = items.filter(({ jurisdictions }) => place === '' || jurisdictions.includes(place))
  const now = offered.data?.items.filter((one) => one.now).length
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('services')}</h1>
        <TeamTabs shown="/services" />
        <div className="head-right">
          {account.may('pathways.write') && <Button onClick={() => setWriting(true)}>{t('newService')}</Button>}
        </div>
      </div>
      {services.isPending && <Waiting />}
      {services.error && !services.data && <Failure error={services.error} retry={services.refetch} />}
      {services.data && items.length === 0 && <Empty title={t('noServices')} hint={t('noServicesHint')} />}
      {items.length > 0 && (
        <>
          <div className="section-head">
            <p className="quiet" role="status">
              {place === ''
                ? t('servicesCount', { count: items.length })
                : now === undefined
                  ? ''
                  : t('servicesNow', { now, all: shown.length, place: titleOf(place) })}
            </p>
            <NativeSelect
              size="xs"
              aria-label={t('serviceWhere')}
              value={place}
              onChange={({ currentTarget: { value } }) =>
                void navigate({ search: value === '' ? {} : { place: value } })
              }
              data={[
                { value: '', label: t('everyPlace') },
                ...places
                  .map((id) => ({ value: id, label: titleOf(id) }))
                  .toSorted((a, b) => a.label.localeCompare(b.label)),
              ]}
            />
          </div>
          {offered.error && <Failure error={offered.error} retry={offered.refetch} />}
          <div className="table-wrap" tabIndex={0} role="group" aria-label={t('services')}>
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{t('service')}</th>
                  <th scope="col">{t('serviceNeeds')}</th>
                  <th scope="col">{t('serviceModes')}</th>
                  <th scope="col" className="end">
                    {t('serviceMinutes')}
                  </th>
                  <th scope="col">{t(place === '' ? 'serviceWhere' : 'serviceNow')}</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((one) => (
                  <Row
                    key={one.id}
                    service={one}
                    offered={place === '' ? undefined : offered.data?.items.find(({ id }) => id === one.id)}
                    everywhere={place === ''}
                  />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
      {writing && <NewServiceDialog taken={items.map(({ id }) => id)} close={() => setWriting(false)} />}
    </div>
  )
}

function Row({
  service,
  offered,
  everywhere,
}: {
  service: Item
  offered: ServicesOffered['items'][number] | undefined
  everywhere: boolean
}) {
  const { t, either, moment } = useWords()
  const titleOf = usePlaces()
  return (
    <tr data-testid="service-row">
      <th scope="row">
        <Link to="/services/$id" params={{ id: service.id }}>
          {either(service.title)}
        </Link>{' '}
        {service.live === null && <span className="tag">{t(service.draft === null ? 'serviceRetired' : 'draft')}</span>}
        {service.live !== null && service.draft !== null && (
          <Link to="/services/$id" params={{ id: service.id }} search={{ version: service.draft }} className="tag">
            {t('serviceDraft', { n: service.draft })}
          </Link>
        )}
      </th>
      <td>{service.needs.map(({ title }) => either(title)).join(', ')}</td>
      <td>{service.modes.map((mode) => t(`mode_${mode}`)).join(', ')}</td>
      <td className="end number">{service.minutes}</td>
      <td>
        {everywhere ? (
          <span title={service.jurisdictions.map(titleOf).join(', ')}>
            {service.jurisdictions.map((id) => id.slice(3)).join(' ')}
          </span>
        ) : offered === undefined ? (
          <span className="quiet">–</span>
        ) : offered.now ? (
          <span className="tag good">{t('serviceNow')}</span>
        ) : (
          <span className={offered.next === null ? 'tag bad' : 'quiet'}>
            {offered.next === null ? t('serviceNever') : t('serviceNext', { time: moment(offered.next) })}
          </span>
        )}
      </td>
    </tr>
  )
}
