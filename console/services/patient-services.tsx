import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ServiceOrder } from '../../src/contracts/index.ts'
import { serviceOrdersQuery } from '../api/service-queries.ts'
import { useWords } from '../i18n.ts'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Bars, BeginDialog } from './begin-dialog.tsx'

/** The services of the menu for one patient: those that can be begun first, and why each other cannot. */
export function PatientServices({ patient }: { patient: string }) {
  const { t, either } = useWords()
  const { may } = useAccount()
  const orders = useQuery(serviceOrdersQuery(patient))
  const [begun, setBegun] = useState<ServiceOrder>()
  const items = orders.data?.items.toSorted((a, b) => Number(b.can) - Number(a.can)) ?? []
  return (
    <>
      <Listing
        title={t('services')}
        hint={t('serviceNoSlots')}
        empty={t('noServices')}
        query={{ ...orders, data: orders.data && { items } }}
        columns={[t('service'), t('serviceForThem'), '']}
        row={(one) => (
          <tr key={one.service.id} data-testid="patient-service">
            <th scope="row">
              <Link to="/services/$id" params={{ id: one.service.id }}>
                {either(one.service.title)}
              </Link>
              {one.pathways.length > 0 && (
                <>
                  <br />
                  <span className="quiet">{one.pathways.map(({ title }) => either(title)).join(', ')}</span>
                </>
              )}
            </th>
            <td className="wide">
              {one.can ? <span className="tag good">{t('serviceCan')}</span> : <Bars order={one} />}
            </td>
            <td className="end">
              {one.can && may('record.write') && (
                <Button
                  aria-label={t('serviceBeginNamed', { name: either(one.service.title) })}
                  onClick={() => setBegun(one)}
                >
                  {t('serviceBegin')}…
                </Button>
              )}
            </td>
          </tr>
        )}
      />
      {begun && (
        <BeginDialog
          service={begun.service.id}
          title={either(begun.service.title)}
          patient={patient}
          close={() => setBegun(undefined)}
        />
      )}
    </>
  )
}
