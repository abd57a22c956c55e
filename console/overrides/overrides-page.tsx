import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Fragment, useState } from 'react'
import type { OverrideSummary } from '../../src/contracts/index.ts'
import { overrideListQuery, overridesQuery } from '../api/override-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Empty, Waiting } from '../parts/states.tsx'
import { TeamTabs } from '../team/team-tabs.tsx'

const route = getRouteApi('/overrides')
type Group = OverrideSummary['items'][number]
const keyOf = ({ kind, pathway, version, step }: Group) => [kind, pathway, version, step].join(' ')

/** What people did otherwise than the pathway or the routing had it: where most, why, and the time lost. */
export function OverridesPage() {
  const { t, either, moment, span, code } = useWords()
  const { days = 30 } = route.useSearch()
  const navigate = route.useNavigate()
  const overrides = useQuery(overridesQuery(days))
  const [opened, setOpened] = useState<string>()
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('overrides')}</h1>
        <TeamTabs shown="/overrides" />
        <div className="head-right">
          <NativeSelect
            size="xs"
            aria-label={t('overridesSince')}
            value={String(days)}
            onChange={(event) => void navigate({ search: { days: Number(event.currentTarget.value) } })}
            data={[7, 30, 90, 366].map((n) => ({ value: String(n), label: t('lastDays', { count: n }) }))}
          />
        </div>
      </div>
      <p className="quiet lead">{t('overridesHint')}</p>
      {overrides.isPending && <Waiting />}
      {overrides.error && !overrides.data && <Failure error={overrides.error} retry={overrides.refetch} />}
      {overrides.data?.total === 0 && <Empty title={t('noOverrides')} hint={t('noOverridesHint')} />}
      {overrides.data && overrides.data.total > 0 && (
        <>
          <p role="status" className="overrides-sum">
            <strong>{t('overridesTotal', { count: overrides.data.total })}</strong>
            {overrides.data.minutes > 0 && ` · ${t('overridesLost', { time: span(overrides.data.minutes) })}`}{' '}
            <span className="tags">
              {overrides.data.reasons.map(({ reason, count }) => (
                <span key={reason} className="tag">
                  {code('why', reason)} <span className="count">{count}</span>
                </span>
              ))}
            </span>
          </p>
          <div className="table-wrap" tabIndex={0} role="group" aria-label={t('overrides')}>
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{t('overrideWhat')}</th>
                  <th scope="col">{t('overrideKind')}</th>
                  <th scope="col" className="end">
                    {t('overrideTimes')}
                  </th>
                  <th scope="col" className="end">
                    {t('overridePeople')}
                  </th>
                  <th scope="col" className="end">
                    {t('timeLost')}
                  </th>
                  <th scope="col">{t('overrideMostly')}</th>
                  <th scope="col">{t('overrideLast')}</th>
                </tr>
              </thead>
              <tbody>
                {overrides.data.items.map((one) => (
                  <Fragment key={keyOf(one)}>
                    <tr data-testid="override-row">
                      <th scope="row">
                        {one.stepTitle ? either(one.stepTitle) : (one.step ?? t('overrideNoStep'))}
                        <br />
                        <span className="quiet">
                          {one.pathway === null || one.version === null ? (
                            t('overrideNoPathway')
                          ) : (
                            <Link to="/pathways/$id" params={{ id: one.pathway }} search={{ version: one.version }}>
                              {one.pathwayTitle ? either(one.pathwayTitle) : one.pathway},{' '}
                              {t('version', { n: one.version })}
                            </Link>
                          )}
                        </span>
                      </th>
                      <td>{code('override', one.kind)}</td>
                      <td className="end number">
                        <button
                          type="button"
                          className="plain-button"
                          aria-expanded={opened === keyOf(one)}
                          onClick={() => setOpened(opened === keyOf(one) ? undefined : keyOf(one))}
                        >
                          {one.count}
                        </button>
                      </td>
                      <td className="end number">{one.people}</td>
                      <td className="end number">{one.minutes === 0 ? '–' : span(one.minutes)}</td>
                      <td>{code('why', one.reason)}</td>
                      <td>{moment(one.last)}</td>
                    </tr>
                    {opened === keyOf(one) && (
                      <tr>
                        <td colSpan={7}>
                          <Single days={days} group={one} />
                        </td>
                      </tr>
                    )}
                  </Fragment>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </div>
  )
}

function Single({ days, group }: { days: number; group: Group }) {
  const { t, either, moment, span, code } = useWords()
  const list = useQuery(overrideListQuery(days, group))
  if (list.isPending) return <Waiting lines={3} />
  if (!list.data) return <Failure error={list.error} retry={list.refetch} />
  return (
    <ul className="comments" data-testid="override-list">
      {list.data.items.length === 0 && <li className="quiet">{t('overrideUnseen')}</li>}
      {list.data.items.map((one) => (
        <li key={one.id}>
          <span className="quiet">
            {moment(one.at)} · {one.by}
          </span>{' '}
          {code('why', one.reason)}
          {one.minutes !== null && ` · ${span(one.minutes)}`}
          {one.task && (
            <>
              {' · '}
              <Link to="/work" search={{ list: 'all', task: one.task.id }}>
                {either(one.task.title)}
                {one.task.patient && `, ${one.task.patient.name}`}
              </Link>
              {one.task.statusReason !== null && <p>{one.task.statusReason}</p>}
            </>
          )}
          {!one.task && one.journey !== null && (
            <>
              {' · '}
              <Link to="/journeys/$id" params={{ id: one.journey }}>
                {t('openJourney')}
              </Link>
            </>
          )}
        </li>
      ))}
    </ul>
  )
}
