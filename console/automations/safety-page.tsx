import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ModelCard, SafetyCase } from '../../src/contracts/index.ts'
import { modelCardQuery, releaseNotesQuery, safetyCaseQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Listing } from '../parts/listing.tsx'
import { Waiting } from '../parts/states.tsx'
import { useRoleTitles } from '../parts/use-role-titles.ts'
import { Ladder } from './ladder.tsx'
import { scopeWords } from './scope-words.ts'

const route = getRouteApi('/automations/$id/safety/$version')
const listed = <T,>(items: readonly T[]) => ({ data: { items }, error: null, isPending: false, refetch: () => {} })

/** Why a version is held to be safe enough, with its model card; made to be printed. */
export function SafetyPage() {
  const { id, version } = route.useParams()
  const { t, either, momentOfYear } = useWords()
  const found = useQuery(safetyCaseQuery(id, version))
  const card = useQuery(modelCardQuery(id, version))
  if (found.isPending || card.isPending) return <Waiting />
  if (!found.data || !card.data) return <Failure error={found.error ?? card.error} retry={() => void found.refetch()} />
  const one = found.data
  return (
    <div className="page printable">
      <Link to="/automations/$id" params={{ id }} className="back">
        ← {either(one.title)}
      </Link>
      <div className="page-head flat">
        <h1>{t('safetyCaseOf', { name: either(one.title), n: one.version })}</h1>
        <div className="head-right">
          <a href={`/api/automations/${encodeURIComponent(id)}/versions/${one.version}/safety-case`}>JSON</a>
          <Button onClick={() => window.print()}>{t('printAct')}</Button>
        </div>
      </div>
      <p className="quiet">
        {t('asOf', { at: momentOfYear(one.at) })} <code>{one.hash.slice(0, 16)}</code>
      </p>
      <Gaps gaps={one.gaps} />
      <Hazards hazards={one.hazards} />
      <LiveEvidence one={one} />
      <Signers one={one} />
      <Card card={card.data} />
      <Notes id={id} />
    </div>
  )
}

function Gaps({ gaps }: { gaps: SafetyCase['gaps'] }) {
  const { t, code } = useWords()
  return (
    <section aria-label={t('gapsWord')} data-testid="gaps">
      <div className="section-head">
        <h2>{t('gapsWord')}</h2>
      </div>
      {gaps.length === 0 ? (
        <p>{t('noSafetyGaps')}</p>
      ) : (
        <ul className="plain-list">
          {gaps.map((gap) => (
            <li key={gap}>
              <span className="tag bad">{code('gap', gap)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Hazards({ hazards }: { hazards: SafetyCase['hazards'] }) {
  const { t, either, code } = useWords()
  return (
    <Listing
      title={t('hazardsWord')}
      hint={t('hazardsHint')}
      empty={t('noHazards')}
      query={listed(hazards)}
      columns={[t('hazardWord'), t('controlsWord'), t('residualWord')]}
      row={(hazard) => (
        <tr key={hazard.id} data-testid="hazard-row">
          <th scope="row" className="wide">
            {either(hazard.title)} <span className="tag">{code('harmSeverity', hazard.severity)}</span>
            <br />
            <span className="quiet">{either(hazard.harm)}</span>
          </th>
          <td className="wide">
            <ul className="plain-list">
              {hazard.controls.map((control) => (
                <li key={control.says.en}>
                  {either(control.says)}
                  {control.tests.map(({ file, test }) => (
                    <div key={test} className="quiet">
                      <code>{file}</code>: {test}
                    </div>
                  ))}
                </li>
              ))}
            </ul>
          </td>
          <td>
            <span className={hazard.residual.risk === 'high' ? 'tag bad' : 'tag'}>
              {code('risk', hazard.residual.risk)}
            </span>
            <br />
            <span className="quiet">{either(hazard.residual.because)}</span>
          </td>
        </tr>
      )}
    />
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function LiveEvidence({ one }: { one: SafetyCase }) {
  const words = useWords()
  const { t, code, date, number } = words
  return (
    <section aria-label={t('liveEvidence')}>
      <div className="section-head">
        <h2>{t('liveEvidence')}</h2>
      </div>
      <dl className="facts">
        <Fact name={t('mayDo')}>
          {one.standings.length === 0 ? (
            <Ladder level="off" />
          ) : (
            one.standings.map((standing) => (
              <div key={JSON.stringify(standing.scope)}>
                <Ladder level={standing.level} /> {scopeWords(words, standing.scope)}
              </div>
            ))
          )}
        </Fact>
        <Fact name={t('evidence')}>
          {one.evidence.length === 0
            ? t('noneWord')
            : one.evidence.map((each) => (
                <div key={`${each.supports} ${each.until}`}>
                  {code('authority', each.supports)}:{' '}
                  {each.cases === null
                    ? t('reviewedBy', { by: each.by })
                    : t('agreedOf', { agreed: number(each.agreed ?? 0), cases: number(each.cases) })}
                  , {date(each.until)}
                </div>
              ))}
        </Fact>
        <Fact name={t('flagsWord')}>
          {one.flags.length === 0
            ? t('noneWord')
            : one.flags.map((flag) => (
                <div key={flag.key}>
                  {flag.key}: {code('authority', flag.lets)}, {date(flag.expires)}
                </div>
              ))}
        </Fact>
        <Fact name={t('drillsWord')}>
          {one.drill === null ? t('noneWord') : t('drillPassed', { day: date(one.drill.countsUntil) })}
        </Fact>
        <Fact name={t('runbookWord')}>{one.runbook === null ? t('noneWord') : t('version', { n: one.runbook })}</Fact>
        <Fact name={t('incidents')}>
          {one.incidents.length === 0
            ? t('noneWord')
            : t('incidentsCount', {
                all: one.incidents.length,
                open: one.incidents.filter(({ closedAt }) => closedAt === null).length,
                actions: one.openActions,
              })}
        </Fact>
        <Fact name={t('alarmsWord')}>
          {one.alarms.length === 0
            ? t('noneWord')
            : one.alarms.map(({ kind, about }) => `${code('alarm', kind)} (${about})`).join(', ')}
        </Fact>
        <Fact name={t('fairnessWord')}>{t('fairnessCounts', one.fairness)}</Fact>
      </dl>
    </section>
  )
}

function Signers({ one }: { one: SafetyCase }) {
  const words = useWords()
  const { t, code, momentOfYear } = words
  return (
    <Listing
      title={t('signersWord')}
      empty={t('noSigners')}
      query={listed(one.signers)}
      columns={[t('asksFor'), t('where'), t('by'), t('since')]}
      row={(signer) => (
        <tr key={`${signer.level} ${signer.side} ${signer.at}`}>
          <th scope="row">{code('authority', signer.level)}</th>
          <td>{scopeWords(words, signer.scope)}</td>
          <td>
            {code('side', signer.side)}: {signer.by}
          </td>
          <td className="number">{momentOfYear(signer.at)}</td>
        </tr>
      )}
    />
  )
}

function Card({ card }: { card: ModelCard }) {
  const { t, either, code, date, number, span } = useWords()
  const titleOf = useRoleTitles()
  return (
    <section aria-label={t('modelCard')} data-testid="model-card">
      <div className="section-head">
        <h2>{t('modelCard')}</h2>
      </div>
      <dl className="facts">
        <Fact name={t('intendedUse')}>{either(card.intendedUse)}</Fact>
        <Fact name={t('notFor')}>
          {card.exclusions.length === 0 ? t('noneWord') : card.exclusions.map((one) => either(one)).join(' ')}
        </Fact>
        <Fact name={t('cardKind')}>{code('cardKind', card.kind)}</Fact>
        <Fact name={t('trainedOn')}>
          {card.training === null
            ? t('writtenByPeople')
            : t('trainedSays', {
                from: date(card.training.from),
                until: date(card.training.heldOutFrom),
                cases: number(card.training.learnt.cases),
                area: number(Math.round(card.training.area * 100) / 100),
              })}
        </Fact>
        <Fact name={t('answersAlone')}>
          {card.answers
            .filter(({ alone }) => alone)
            .map(({ title }) => either(title))
            .join(', ') || t('nothingAlone')}
        </Fact>
        <Fact name={t('measures30')}>
          {t('measuresSays', {
            asked: number(card.measures.asked),
            acted: number(card.measures.acted),
            accepted: number(card.measures.accepted),
            changed: number(card.measures.edited + card.measures.reversed),
          })}
        </Fact>
        <Fact name={t('fairnessWord')}>{t('fairnessCounts', card.fairness)}</Fact>
        <Fact name={t('limitsOfUse')}>
          {t('limitsSays', {
            span: span(card.freshFor),
            cases: number(card.proves.cases),
            share: number(Math.round(card.proves.agreement * 100)),
          })}
        </Fact>
        <Fact name={t('otherwiseDecides')}>{titleOf(card.fallbackRole)}</Fact>
        <Fact name={t('answerFor')}>
          {titleOf(card.owner)}, {titleOf(card.clinicalOwner)}
        </Fact>
      </dl>
      <Listing
        title={t('inputsWatched')}
        empty={t('noneWord')}
        query={listed(card.inputs)}
        columns={[t('inputWord'), t('cardType'), t('cardFrom'), t('cardNeeded')]}
        row={(input) => (
          <tr key={input.name}>
            <th scope="row">{input.name}</th>
            <td>{input.type}</td>
            <td className="wide">
              <code>{input.from}</code>
            </td>
            <td>{input.required ? t('yes') : t('no')}</td>
          </tr>
        )}
      />
    </section>
  )
}

function Notes({ id }: { id: string }) {
  const { t, code, momentOfYear } = useWords()
  const notes = useQuery(releaseNotesQuery(id))
  return (
    <Listing
      title={t('releaseNotes')}
      hint={t('releaseNotesHint')}
      empty={t('noReleaseNotes')}
      query={notes}
      columns={[t('since'), t('versionWord'), t('state'), t('by'), 'SHA-256']}
      row={(note) => (
        <tr key={note.id} data-testid="note-row">
          <th scope="row" className="number">
            <a href={`/api/automations/release-notes/${note.id}`}>{momentOfYear(note.at)}</a>
          </th>
          <td>{note.version}</td>
          <td>{code('happening', note.occasion)}</td>
          <td>{note.by}</td>
          <td>
            <code title={note.hash}>{note.hash.slice(0, 16)}</code>
          </td>
        </tr>
      )}
    />
  )
}
