import { Button, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { Incident } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { incidentQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import { targetOf } from '../record/reference-link.tsx'
import { levels } from './ladder.tsx'
import { Postmortem } from './postmortem.tsx'
import { RunbookCard } from './runbook-card.tsx'
import { scopeWords } from './scope-words.ts'

const isLevel = (text: string) => levels.some((level) => level === text)

const route = getRouteApi('/incidents/$id')

/** One stop: why, whom the automation had touched, and what was found. */
export function IncidentPage() {
  const { id } = route.useParams()
  const words = useWords()
  const { t, either, moment, code } = words
  const account = useAccount()
  const incident = useQuery(incidentQuery(id))
  if (incident.isPending) return <Waiting />
  if (!incident.data) return <Failure error={incident.error} retry={incident.refetch} />
  const one = incident.data
  const told = (kind: string, text: string) =>
    kind === 'reviewed' ? code('finding', text) : isLevel(text) ? code('authority', text) : text
  return (
    <div className="page">
      <Link to="/automations" className="back">
        ← {t('automations')}
      </Link>
      <div className="page-head flat">
        <h1>{t('incidentOf', { name: either(one.title) })}</h1>
        {one.closedAt === null ? (
          <span className="tag bad">{t('openNow')}</span>
        ) : (
          <span className="tag">{t('closed')}</span>
        )}
      </div>
      <p className="lead">{one.reason}</p>
      <dl className="facts">
        <Fact name={t('stoppedBy')}>
          {one.by}, {moment(one.openedAt)}
        </Fact>
        <Fact name={t('where')}>{scopeWords(words, one.scope)}</Fact>
        <Fact name={t('cause')}>{code('cause', one.cause)}</Fact>
        <Fact name={t('heldBack')}>{t('heldBackN', { count: one.held })}</Fact>
        <Fact name={t('lookBackSince')}>
          {one.knownGoodAt.startsWith('1970') ? t('fromTheFirst') : moment(one.knownGoodAt)}
        </Fact>
      </dl>
      {one.closedAt === null && <RunbookCard automation={one.automation} />}
      <Listing
        title={t('lookBack')}
        hint={t('lookBackHint', { done: one.reviewed, all: one.toReview })}
        empty={t('nobodyTouched')}
        query={{ ...incident, data: { items: one.patients } }}
        columns={[t('patient'), t('decisionsN'), t('finding'), t('note'), t('review')]}
        row={(patient) => {
          const target = targetOf(patient.patient)
          return (
            <tr key={patient.patient} data-testid="look-back-row">
              <th scope="row">
                {target ? (
                  <Link to="/record/$type/$id" params={target}>
                    {patient.name}
                  </Link>
                ) : (
                  patient.name
                )}
              </th>
              <td className="number">{patient.decisions.length}</td>
              <td>
                {patient.finding === null ? (
                  <span className="quiet">{t('notYet')}</span>
                ) : (
                  code('finding', patient.finding)
                )}
              </td>
              <td className="wide">{patient.note}</td>
              <td>
                {patient.reviewedAt === null ? (
                  <Link to="/work" search={{ list: 'all', task: patient.task }}>
                    {t('reviewTask')}
                  </Link>
                ) : (
                  `${patient.by ?? ''}, ${moment(patient.reviewedAt)}`
                )}
              </td>
            </tr>
          )
        }}
      />
      <Postmortem incident={one} />
      <section aria-label={t('timeline')}>
        <div className="section-head">
          <h2>{t('timeline')}</h2>
        </div>
        <ol className="plain-list">
          {one.timeline.map((line) => (
            <li key={`${line.at} ${line.kind} ${line.by}`}>
              <time className="number quiet" dateTime={line.at}>
                {moment(line.at)}
              </time>{' '}
              <strong>{code('happening', line.kind)}</strong> {line.by}
              {line.text !== null && <span className="quiet"> · {told(line.kind, line.text)}</span>}
            </li>
          ))}
        </ol>
      </section>
      {one.closedAt === null && account.may('release.manage') && <Closing incident={one} />}
      {one.learned !== null && (
        <dl className="facts">
          <Fact name={t('learned')}>{one.learned}</Fact>
          <Fact name={t('watchedBy')}>{one.watchedBy}</Fact>
        </dl>
      )}
    </div>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** An incident is closed with what was learned and what watches for it from now on, once everybody was looked back on. */
function Closing({ incident }: { incident: Incident }) {
  const { t } = useWords()
  const [learned, setLearned] = useState('')
  const [watchedBy, setWatchedBy] = useState('')
  const close = useAct(
    () => call('POST', `/api/incidents/${incident.id}/close`, { learned: learned.trim(), watchedBy: watchedBy.trim() }),
    { anew: [['incidents'], ['automations']], quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    close.mutate()
  }
  return (
    <form className="form narrow" onSubmit={submit}>
      <div className="section-head">
        <h2>{t('closeIncident')}</h2>
      </div>
      <FormFailure error={close.error} />
      <Textarea
        label={t('learned')}
        required
        minLength={10}
        autosize
        minRows={2}
        value={learned}
        onChange={(event) => setLearned(event.currentTarget.value)}
      />
      <TextInput
        label={t('watchedBy')}
        description={t('watchedByHint')}
        required
        minLength={3}
        value={watchedBy}
        onChange={(event) => setWatchedBy(event.currentTarget.value)}
      />
      <div className="form-end">
        <Button type="submit" variant="filled" loading={close.isPending}>
          {t('closeIncident')}
        </Button>
      </div>
    </form>
  )
}
