import { Button, NativeSelect } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ServiceChecked, ServiceDefinition, ServiceDetail } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { serviceOfferedQuery, serviceQuery, servicesQuery } from '../api/service-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { SureDialog } from '../parts/sure-dialog.tsx'
import { useAct } from '../parts/use-act.ts'
import { BeginDialog } from './begin-dialog.tsx'
import { Offered } from './offered.tsx'
import { ServiceEditor } from './service-editor.tsx'
import { ServiceFacts } from './service-facts.tsx'

const route = getRouteApi('/services/$id')

/** One version of a service, who can do it where at this hour, and as long as it is a draft its editor. */
export function ServicePage() {
  const { id } = route.useParams()
  const { version } = route.useSearch()
  const service = useQuery(serviceQuery(id, version))
  if (service.isPending) return <Waiting lines={12} />
  if (!service.data) return <Failure error={service.error} retry={service.refetch} />
  const { data } = service
  return <Shown key={`${data.id} ${data.version} ${data.status}`} service={data} />
}

function Shown({ service }: { service: ServiceDetail }) {
  const { t, either, date } = useWords()
  const account = useAccount()
  const navigate = route.useNavigate()
  const [draft, setDraft] = useState<ServiceDefinition>(service.definition)
  const [checked, setChecked] = useState<ServiceChecked>()
  const [beginning, setBeginning] = useState(false)
  const [sure, setSure] = useState<'publish' | 'retire'>()
  const editing = service.status === 'draft' && account.may('pathways.write')
  const changed = JSON.stringify(draft) !== JSON.stringify(service.definition)
  const url = `/api/services/${encodeURIComponent(service.id)}/versions/${service.version}`
  const anew = [servicesQuery.queryKey]
  const open = (to: ServiceDetail) => void navigate({ search: to.status === 'active' ? {} : { version: to.version } })
  const keep = useAct(() => call<ServiceDetail>('PUT', url, { definition: draft, stored: service.stored }), {
    anew,
    done(kept) {
      setDraft(kept.definition)
      setChecked(undefined)
      notifications.show({ color: 'pine', message: t('serviceKept') })
    },
  })
  const check = useAct(() => call<ServiceChecked>('POST', '/api/services/check', { definition: draft }), {
    anew: [],
    done: setChecked,
  })
  const settle = useAct(
    (act: 'publish' | 'retire') => call<ServiceDetail>('POST', `${url}/${act}`, { stored: service.stored }),
    {
      anew,
      quiet: true,
      done(settled) {
        setSure(undefined)
        notifications.show({
          color: 'pine',
          message: t(settled.status === 'active' ? 'servicePublished' : 'serviceOffMenu'),
        })
        void navigate({ search: settled.status === 'active' ? {} : { version: settled.version } })
      },
    },
  )
  const next = useAct(() => call<ServiceDetail>('POST', '/api/services', { definition: service.definition }), {
    anew,
    done: open,
  })
  const findings = checked?.findings ?? service.findings
  const errors = findings.some(({ severity }) => severity === 'error')
  const drafted = service.versions.find(({ status }) => status === 'draft')
  return (
    <div className="page">
      <Link to="/services" className="back">
        <Icon name="back" /> {t('services')}
      </Link>
      <header className="journey-head">
        <div>
          <h1>{either(draft.title)}</h1>
          <p>
            <span className={`tag ${service.status === 'active' ? 'good' : ''}`}>{t(`service_${service.status}`)}</span>{' '}
            <span className="quiet">
              <code>{service.id}</code>
            </span>
          </p>
        </div>
        <div className="head-right">
          <NativeSelect
            size="xs"
            aria-label={t('versions')}
            value={String(service.version)}
            onChange={({ currentTarget: { value } }) => void navigate({ search: { version: Number(value) } })}
            data={service.versions.map((one) => ({
              value: String(one.version),
              label: `${t('version', { n: one.version })} · ${t(`service_${one.status}`)}${one.date === null ? '' : ` · ${date(one.date)}`}`,
            }))}
          />
          {editing && (
            <>
              <Button loading={check.isPending} onClick={() => check.mutate()}>
                {t('serviceCheck')}
              </Button>
              <Button disabled={!changed} loading={keep.isPending} onClick={() => keep.mutate()}>
                {t('keep')}
              </Button>
            </>
          )}
          {service.status === 'draft' && account.may('pathways.publish') && (
            <Button variant="filled" disabled={changed || errors} onClick={() => setSure('publish')}>
              {t('publish')}
            </Button>
          )}
          {service.status === 'active' && account.may('record.write') && (
            <Button variant="filled" onClick={() => setBeginning(true)}>
              {t('serviceBeginFor')}…
            </Button>
          )}
          {service.status === 'active' && account.may('pathways.publish') && (
            <Button onClick={() => setSure('retire')}>{t('serviceRetire')}</Button>
          )}
          {service.status !== 'draft' && account.may('pathways.write') && (
            <Button
              loading={next.isPending}
              onClick={() => (drafted ? void navigate({ search: { version: drafted.version } }) : next.mutate())}
            >
              {t(drafted ? 'serviceOpenDraft' : 'newFormVersion')}
            </Button>
          )}
        </div>
      </header>
      {findings.length > 0 && (
        <ul className="findings" data-testid="service-findings">
          {findings.map((one, index) => (
            <li key={index} className={one.severity}>
              <code>{one.path}</code> {one.message}
            </li>
          ))}
        </ul>
      )}
      <div className="service-work">
        <section aria-label={t('service')}>
          {editing ? <ServiceEditor service={draft} change={setDraft} /> : <ServiceFacts service={service} />}
        </section>
        {checked ? <Offered items={checked.items} open opens={null} /> : <OfferedNow service={service} />}
      </div>
      {beginning && (
        <BeginDialog service={service.id} title={either(service.definition.title)} close={() => setBeginning(false)} />
      )}
      {sure && (
        <SureDialog
          title={t(sure === 'publish' ? 'servicePublish' : 'serviceRetire')}
          text={t(sure === 'publish' ? 'servicePublishHint' : 'serviceRetireHint')}
          act={t(sure === 'publish' ? 'publish' : 'serviceRetire')}
          doing={{ ...settle, mutate: () => settle.mutate(sure) }}
          close={() => setSure(undefined)}
        />
      )}
    </div>
  )
}

function OfferedNow({ service }: { service: ServiceDetail }) {
  const offered = useQuery(serviceOfferedQuery(service.id, service.version))
  if (offered.isPending) return <Waiting lines={6} />
  if (!offered.data) return <Failure error={offered.error} retry={offered.refetch} />
  return <Offered items={offered.data.items} open={offered.data.open} opens={offered.data.opens} />
}
