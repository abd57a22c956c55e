import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { RoleList } from '../../src/contracts/index.ts'
import { ApiError, call } from '../api/call.ts'
import { tokensQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { useClock } from '../parts/clock.ts'
import { Failure, tellFailure } from '../parts/failure.tsx'
import { Waiting } from '../parts/states.tsx'
import { TokenDialog } from './token-dialog.tsx'

interface TokensProps {
  roles: RoleList['items']
  titleOf: (role: string) => string
}

/** What lets programs in. */
export function Tokens({ roles, titleOf }: TokensProps) {
  const { t, date } = useWords()
  const { now } = useClock()
  const queries = useQueryClient()
  const tokens = useQuery(tokensQuery)
  const [making, setMaking] = useState(false)
  const revoke = useMutation({
    mutationFn: (id: string) => call('DELETE', `/api/tokens/${encodeURIComponent(id)}`),
    onError: (error) => tellFailure(t, error),
    onSettled: () => queries.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  })
  const unlisted = tokens.error instanceof ApiError && tokens.error.code === 'route-not-found'
  return (
    <section aria-label={t('tokens')}>
      <div className="section-head">
        <h2>
          {t('tokens')} {tokens.data && <span className="count">{tokens.data.items.length}</span>}
        </h2>
        <Button onClick={() => setMaking(true)}>{t('makeToken')}</Button>
      </div>
      {tokens.isPending && <Waiting lines={3} />}
      {tokens.error &&
        !tokens.data &&
        (unlisted ? (
          <p className="quiet">{t('tokensUnlisted')}</p>
        ) : (
          <Failure error={tokens.error} retry={tokens.refetch} />
        ))}
      {tokens.data?.items.length === 0 && <p className="quiet">{t('noTokens')}</p>}
      {tokens.data && tokens.data.items.length > 0 && (
        <div className="table-wrap" tabIndex={0} role="group" aria-label={t('tokens')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('name')}</th>
                <th scope="col">{t('roles')}</th>
                <th scope="col">{t('made')}</th>
                <th scope="col">{t('ends')}</th>
                <th scope="col">{t('acts')}</th>
              </tr>
            </thead>
            <tbody>
              {tokens.data.items.map((token) => {
                const ended = token.revoked || (token.expiresAt !== null && Date.parse(token.expiresAt) < now)
                return (
                  <tr key={token.id}>
                    <th scope="row">{token.name}</th>
                    <td>{token.roles.map(titleOf).join(', ')}</td>
                    <td className="number">{date(token.createdAt)}</td>
                    <td className="number">{token.expiresAt === null ? t('never') : date(token.expiresAt)}</td>
                    <td>
                      {ended ? (
                        <span className="quiet">{t(token.revoked ? 'revoked' : 'expired')}</span>
                      ) : (
                        <Button disabled={revoke.isPending} onClick={() => revoke.mutate(token.id)}>
                          {t('revoke')}
                        </Button>
                      )}
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      )}
      {making && <TokenDialog roles={roles} close={() => setMaking(false)} />}
    </section>
  )
}
