import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ServiceDetail } from '../../src/contracts/index.ts'
import { serviceChoicesQuery } from '../api/service-queries.ts'
import { useWords } from '../i18n.ts'
import { useAccount } from '../parts/session-context.ts'
import { usePlaces } from './use-places.ts'

/** What a version of a service says. */
export function ServiceFacts({ service }: { service: ServiceDetail }) {
  const { t, either, span } = useWords()
  const account = useAccount()
  const titleOf = usePlaces()
  const choices = useQuery(serviceChoicesQuery)
  const { definition: one } = service
  const named = (list: readonly { id: string; title: { en: string; fr: string } }[] | undefined, id: string) => {
    const found = list?.find((other) => other.id === id)
    return found ? either(found.title) : id
  }
  const rows: [string, ReactNode][] = [
    [t('serviceMinutes'), span(one.minutes)],
    [t('serviceModes'), one.modes.map((mode) => t(`mode_${mode}`)).join(', ')],
    [t('serviceHours'), t(`hours_${one.hours}`)],
    [t('serviceNeeds'), one.needs.map(({ kind }) => named(choices.data?.kinds, kind)).join(', ')],
    [t('serviceEligibility'), one.eligibility === undefined ? t('serviceEverybody') : <code>{one.eligibility}</code>],
    [
      t('serviceCodes'),
      one.codes.length === 0 ? '–' : one.codes.map(({ system, code }) => `${t(`code_${system}`)} ${code}`).join(', '),
    ],
    [
      t('serviceFees'),
      one.fees.length === 0
        ? '–'
        : one.fees.map((fee, index) => (
            <span key={index}>
              {t(`code_${fee.system}`)} {fee.code}
              {fee.in && <span className="quiet"> ({fee.in.map((id) => id.slice(3)).join(' ')})</span>}
              {index < one.fees.length - 1 && ', '}
            </span>
          )),
    ],
    [
      t('pathways'),
      one.pathways.length === 0
        ? '–'
        : one.pathways.map((id, index) => (
            <span key={id}>
              <Link to="/pathways/$id" params={{ id }}>
                {named(choices.data?.pathways, id)}
              </Link>
              {index < one.pathways.length - 1 && ', '}
            </span>
          )),
    ],
    [t('forms'), one.forms.length === 0 ? '–' : one.forms.map((url) => url.split('/').at(-1)).join(', ')],
    [
      t('servicePlaces'),
      one.places.length === 0
        ? '–'
        : one.places.map((id) => choices.data?.places.find((other) => other.id === id)?.name ?? id).join(', '),
    ],
    [t('serviceWhere'), one.in.map(titleOf).join(', ')],
    [
      t('levels'),
      service.levels.length === 0
        ? '–'
        : service.levels
            .map(({ title, minutes, calendar }) => `${either(title)}: ${span(minutes)} (${t(`clock_${calendar}`)})`)
            .join(', '),
    ],
    [
      t('record'),
      account.may('record.read')
        ? service.resources.map((reference, index) => {
            const [type = '', id = ''] = reference.split('/')
            return (
              <span key={reference}>
                <Link to="/record/$type/$id" params={{ type, id }}>
                  {type}
                </Link>
                {index < service.resources.length - 1 && ', '}
              </span>
            )
          })
        : service.resources.join(', '),
    ],
  ]
  return (
    <>
      {one.description && <p className="lead">{either(one.description)}</p>}
      <dl className="facts wide">
        {rows.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}
