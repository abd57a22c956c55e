import { Button, NativeSelect } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Team } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { teamQuery } from '../api/team-queries.ts'
import { useWords } from '../i18n.ts'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { useAct } from '../parts/use-act.ts'
import { useRoleTitles } from '../parts/use-role-titles.ts'
import { AwayDialog } from './away-dialog.tsx'
import { TeamTabs } from './team-tabs.tsx'

type Member = Team['items'][number]
type Licence = Member['licences'][number]

/** Who is at work, where they are licensed, and what ends soon. */
export function TeamPage() {
  const { t, either } = useWords()
  const { may } = useAccount()
  const team = useQuery(teamQuery)
  const [place, setPlace] = useState('')
  const [shown, setShown] = useState<Member>()
  const plan = useAct(() => call('POST', '/api/work/plan', {}), {
    anew: [],
    done: () => notifications.show({ color: 'pine', message: t('giveOutAsked') }),
  })
  const everybody = team.data?.items ?? []
  const places = new Map(everybody.flatMap((one) => one.licences.map((licence) => [licence.place.id, licence.place])))
  const items = everybody.filter(
    (one) => place === '' || one.licences.some((licence) => licence.place.id === place && holds(licence)),
  )
  const ending = everybody
    .flatMap((one) => one.licences.map((licence) => ({ one, licence })))
    .filter(({ licence }) => licence.ends !== null && licence.status === 'active')
    .toSorted((a, b) => (a.licence.until ?? '').localeCompare(b.licence.until ?? ''))
  const lead = may('work.manage')
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('team')}</h1>
        <TeamTabs shown="/team" />
        {lead && (
          <div className="head-right">
            <Button loading={plan.isPending} onClick={() => plan.mutate()}>
              {t('giveOut')}
            </Button>
            <Button renderRoot={(props) => <Link to="/team/imports" {...props} />}>{t('importPeople')}</Button>
          </div>
        )}
      </div>
      <Ending ending={ending} />
      <Listing
        title={t('teamPeople')}
        empty={t(place === '' ? 'noTeam' : 'nobodyLicensed')}
        query={{ ...team, data: team.data && { items } }}
        columns={[t('name'), t('teamNow'), t('licences'), t('teamSkills'), t('teamLoad'), ...(lead ? [''] : [])]}
        action={
          places.size > 0 && (
            <NativeSelect
              size="xs"
              aria-label={t('licensedIn')}
              value={place}
              onChange={(event) => setPlace(event.currentTarget.value)}
              data={[
                { value: '', label: t('everyPlace') },
                ...[...places.values()]
                  .map((one) => ({ value: one.id, label: either(one.title) }))
                  .toSorted((a, b) => a.label.localeCompare(b.label)),
              ]}
            />
          )
        }
        row={(one) => <MemberRow key={one.reference} member={one} away={lead ? () => setShown(one) : undefined} />}
      />
      {shown !== undefined && <AwayDialog member={shown} close={() => setShown(undefined)} />}
    </div>
  )
}

const holds = (licence: Licence) => licence.status === 'active' && licence.ends !== 'ended'

function Ending({ ending }: { ending: readonly { one: Member; licence: Licence }[] }) {
  const { t, either, date } = useWords()
  if (ending.length === 0) return null
  return (
    <section aria-label={t('licencesEnding')} className="block" data-testid="licences-ending">
      <h2>
        {t('licencesEnding')} <span className="count">{ending.length}</span>
      </h2>
      <ul className="comments">
        {ending.map(({ one, licence }, index) => (
          <li key={index}>
            <strong>{one.name}</strong> · {either(licence.credential)}, {either(licence.place.title)}{' '}
            <span className={licence.ends === 'in-60-days' ? 'tag' : 'tag bad'}>
              {licence.ends === 'ended'
                ? t('licenceEnded', { date: date(lastDay(licence.until)) })
                : t('licenceEnds', { date: date(lastDay(licence.until)) })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The first moment without it is the midnight after its last day. */
const lastDay = (until: string | null): string => new Date(Date.parse(until ?? '') - 60_000).toISOString()

function MemberRow({ member, away }: { member: Member; away: (() => void) | undefined }) {
  const { t, either, span } = useWords()
  const titleOf = useRoleTitles()
  return (
    <tr data-testid="team-row">
      <th scope="row">
        {member.name}
        <br />
        <span className="quiet">
          {(member.credentials.length > 0
            ? member.credentials.map(({ title }) => either(title))
            : member.roles.map(titleOf)
          ).join(', ')}
        </span>
      </th>
      <td>
        <Now member={member} />
      </td>
      <td>
        {member.licences.length === 0 && <span className="quiet">–</span>}
        <span className="tags">
          {member.licences.map((licence, index) => (
            <span key={index} className={holds(licence) ? 'tag' : 'tag bad'} title={either(licence.place.title)}>
              {licence.place.id.slice(3)}
              {licence.compact !== null && ` · ${licence.compact}`}
              {!holds(licence) && ` · ${t(licence.status === 'active' ? 'licenceOver' : 'licenceSuspended')}`}
            </span>
          ))}
        </span>
      </td>
      <td>{[...member.skills, ...member.languages].join(', ')}</td>
      <td className="number">{member.held === 0 ? '–' : span(member.held)}</td>
      {away && (
        <td className="end">
          <Button onClick={away} disabled={member.away}>
            {t('away')}…
          </Button>
        </td>
      )}
    </tr>
  )
}

function Now({ member }: { member: Member }) {
  const { t, moment } = useWords()
  if (member.away) return <span className="tag bad">{t('isAway')}</span>
  if (member.atWork)
    return (
      <span>
        {t(member.onCall ? 'onCall' : 'atWork')}{' '}
        {member.until !== null && <span className="quiet">{t('untilTime', { time: moment(member.until) })}</span>}
      </span>
    )
  return (
    <span className="quiet">{member.next === null ? t('noShift') : t('nextShift', { time: moment(member.next) })}</span>
  )
}
