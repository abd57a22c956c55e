import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { TokenList } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { tokensQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { useClock } from '../parts/clock.ts'
import { Listing } from '../parts/listing.tsx'
import { SureDialog } from '../parts/sure-dialog.tsx'
import { useAct } from '../parts/use-act.ts'
import { useRoleTitles } from '../parts/use-role-titles.ts'
import { TokenDialog } from './token-dialog.tsx'

/** Tokens that let programs in without a sign-in. */
export function Tokens() {
  const { t, date } = useWords()
  const { now } = useClock()
  const titleOf = useRoleTitles()
  const tokens = useQuery(tokensQuery)
  const [making, setMaking] = useState(false)
  const [ending, setEnding] = useState<TokenList['items'][number]>()
  const revoke = useAct((id: string) => call('DELETE', `/api/tokens/${encodeURIComponent(id)}`), {
    anew: [tokensQuery.queryKey],
    done: () => setEnding(undefined),
    quiet: true,
  })
  return (
    <>
      <Listing
        title={t('tokens')}
        hint={t('tokensHint')}
        empty={t('noTokens')}
        query={tokens}
        columns={[t('name'), t('roles'), t('made'), t('ends'), '']}
        action={<Button onClick={() => setMaking(true)}>{t('makeToken')}</Button>}
        row={(token) => {
          const ended = token.revoked || (token.expiresAt !== null && Date.parse(token.expiresAt) < now)
          return (
            <tr key={token.id} data-testid="token-row">
              <th scope="row">{token.name}</th>
              <td>{token.roles.map(titleOf).join(', ')}</td>
              <td className="number">{date(token.createdAt)}</td>
              <td className="number">{token.expiresAt === null ? t('never') : date(token.expiresAt)}</td>
              <td className="end">
                {ended ? (
                  <span className="quiet">{t(token.revoked ? 'revoked' : 'expired')}</span>
                ) : (
                  <Button onClick={() => setEnding(token)}>{t('revoke')}…</Button>
                )}
              </td>
            </tr>
          )
        }}
      />
      {making && <TokenDialog close={() => setMaking(false)} />}
      {ending && (
        <SureDialog
          title={`${t('revoke')} · ${ending.name}`}
          text={t('revokeToken')}
          act={t('revoke')}
          doing={{ ...revoke, mutate: () => revoke.mutate(ending.id) }}
          close={() => setEnding(undefined)}
        />
      )}
    </>
  )
}
