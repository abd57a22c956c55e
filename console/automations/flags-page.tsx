import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { FlagItem } from '../../src/contracts/index.ts'
import { flagsQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { useRoleTitles } from '../parts/use-role-titles.ts'
import { AreaTabs } from './area-tabs.tsx'
import { FlagDialog } from './flag-dialog.tsx'
import { FlagState, OpenChange } from './flag-parts.tsx'
import { scopeWords } from './scope-words.ts'

/** What holds automations down: until when, who answers for it, and what waits for a second person. */
export function FlagsPage() {
  const words = useWords()
  const { t, either, code, date } = words
  const account = useAccount()
  const titleOf = useRoleTitles()
  const flags = useQuery(flagsQuery)
  const [changing, setChanging] = useState<FlagItem | 'new'>()
  const may = account.may('release.manage')
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('automations')}</h1>
        <AreaTabs show="flags" />
      </div>
      <Listing
        title={t('flagsWord')}
        hint={t('flagsHint')}
        empty={t('noFlags')}
        query={flags}
        columns={[t('flagWord'), t('letsDo'), t('expiresOn'), t('retiresOn'), t('answerFor'), '']}
        action={may && <Button onClick={() => setChanging('new')}>{t('newFlag')}</Button>}
        row={(one) => (
          <tr key={one.key} data-testid="flag-row">
            <th scope="row">
              <Link to="/flags/$key" params={{ key: one.key }}>
                {one.key}
              </Link>
              <br />
              <span className="quiet">{either(one.title)}</span>
              {one.open && <OpenChange change={one.open} />}
            </th>
            <td>
              {code('authority', one.lets)} <FlagState state={one.state} />
              <br />
              <span className="quiet">{scopeWords(words, one.scope)}</span>
            </td>
            <td className="number">{date(one.expires)}</td>
            <td>
              <span className="number">{date(one.retires)}</span>
              <br />
              <span className="quiet">{one.retirementTest}</span>
            </td>
            <td>
              {titleOf(one.owner)}
              <br />
              <span className="quiet">{titleOf(one.clinicalOwner)}</span>
            </td>
            <td className="end">{may && <Button onClick={() => setChanging(one)}>{t('flagChangeAct')}…</Button>}</td>
          </tr>
        )}
      />
      {changing !== undefined && (
        <FlagDialog flag={changing === 'new' ? undefined : changing} close={() => setChanging(undefined)} />
      )}
    </div>
  )
}
