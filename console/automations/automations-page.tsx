import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { AutomationList } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { automationsQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { useRoleTitles } from '../parts/use-role-titles.ts'
import { SourceDialog } from '../source/source-dialog.tsx'
import { AreaTabs } from './area-tabs.tsx'
import { Incidents } from './incidents.tsx'
import { Ladder } from './ladder.tsx'
import { Rises } from './rises.tsx'
import { scopeWords } from './scope-words.ts'
import { StopDialog } from './stop-dialog.tsx'
import { useQueryClient } from '@tanstack/react-query'

type Item = AutomationList['items'][number]

/** The ladder board: which automation may do what, and where. */
export function AutomationsPage() {
  const words = useWords()
  const { t, either, number } = words
  const account = useAccount()
  const titleOf = useRoleTitles()
  const queries = useQueryClient()
  const automations = useQuery(automationsQuery)
  const [stopping, setStopping] = useState<Item>()
  const [writing, setWriting] = useState(false)
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('automations')}</h1>
        <AreaTabs show="automations" />
      </div>
      <Listing
        title={t('ladderBoard')}
        hint={t('ladderBoardHint')}
        empty={t('noAutomations')}
        query={automations}
        columns={[t('automation'), t('mayDo'), t('asked30'), t('actedAlone'), t('keptChanged'), t('toPeople'), '']}
        action={account.may('release.manage') && <Button onClick={() => setWriting(true)}>{t('newAutomation')}</Button>}
        row={(one) => (
          <tr key={one.id} data-testid="automation-row">
            <th scope="row">
              <Link to="/automations/$id" params={{ id: one.id }}>
                {either(one.title)}
              </Link>
              <br />
              <span className="quiet">
                {titleOf(one.owner)}, {titleOf(one.clinicalOwner)}
              </span>
            </th>
            <td>
              {one.standings.length === 0 ? (
                <Ladder level="off" />
              ) : (
                one.standings.map((standing) => (
                  <div key={JSON.stringify(standing.scope)} className="standing">
                    <Ladder level={standing.level} />
                    <span className="quiet">{scopeWords(words, standing.scope)}</span>
                  </div>
                ))
              )}
              {one.health && <span className="tag bad">{one.health.reason}</span>}
              {one.openIncidents > 0 && (
                <span className="tag bad">{t('openIncidents', { count: one.openIncidents })}</span>
              )}
            </td>
            <td className="number">{number(one.counts.asked)}</td>
            <td className="number">{number(one.counts.acted)}</td>
            <td className="number">
              {number(one.counts.accepted)} / {number(one.counts.edited + one.counts.reversed)}
            </td>
            <td className="number">{number(one.counts.handed)}</td>
            <td className="end">
              {account.may('release.stop') && (
                <Button color="red.9" variant="filled" onClick={() => setStopping(one)}>
                  {t('stopAct')}…
                </Button>
              )}
            </td>
          </tr>
        )}
      />
      <Rises
        rises={automations.data?.items.flatMap(({ rises, title }) => rises.map((rise) => ({ ...rise, title }))) ?? []}
      />
      <Incidents />
      {stopping && <StopDialog id={stopping.id} title={either(stopping.title)} close={() => setStopping(undefined)} />}
      {writing && (
        <SourceDialog
          title={t('newAutomation')}
          source=""
          empty={t('writeAutomation')}
          hint={t('newAutomationHint')}
          check={(source) => call('POST', '/api/automations/check', { source })}
          publish={async (source, note) => {
            await call('POST', '/api/automations', { source, note })
            await queries.invalidateQueries({ queryKey: ['automations'] })
          }}
          close={() => setWriting(false)}
        />
      )}
    </div>
  )
}
