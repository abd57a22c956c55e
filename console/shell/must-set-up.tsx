import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { AuthenticatorApp } from '../account/authenticator-app.tsx'
import { Passkeys } from '../account/passkeys.tsx'
import { myAccountQuery } from '../api/identity-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Waiting } from '../parts/states.tsx'
import { Entrance } from './entrance.tsx'
import { useSignOut } from './use-sign-out.ts'

/** Where the organisation demands a second factor and there is none: its set-up, and nothing else. */
export function MustSetUp() {
  const { t } = useWords()
  const queries = useQueryClient()
  const mine = useQuery(myAccountQuery)
  const leave = useSignOut()
  return (
    <Entrance title={t('mustSetUp')} lead={t('mustSetUpLead')}>
      {mine.isPending && <Waiting lines={3} />}
      {mine.error && !mine.data && <Failure error={mine.error} retry={mine.refetch} />}
      {mine.data && (
        <>
          <AuthenticatorApp account={mine.data} done={() => queries.invalidateQueries()} />
          {mine.data.passkeysPossible && <Passkeys account={mine.data} done={() => queries.invalidateQueries()} />}
        </>
      )}
      <Button onClick={() => leave.mutate()}>{t('signOut')}</Button>
    </Entrance>
  )
}
