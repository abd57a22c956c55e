import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useContext } from 'react'
import { call } from '../api/call.ts'
import { sessionQuery } from '../api/queries.ts'
import { type Language, speak, useWords } from '../i18n.ts'
import { tellFailure } from '../parts/failure.tsx'
import { AccountContext } from '../parts/session-context.ts'

const names: Readonly<Record<Language, string>> = { en: 'English', fr: 'Français' }

/** One button to the other language, named in that language. It is kept with the account of who is signed in. */
export function LanguageSwitch() {
  const { t, language } = useWords()
  const account = useContext(AccountContext)
  const queries = useQueryClient()
  const other: Language = language === 'en' ? 'fr' : 'en'
  const change = useMutation({
    mutationFn: async () => {
      if (!account) return speak(other)
      await call('PATCH', '/api/session', { locale: other })
      queries.setQueryData(
        sessionQuery.queryKey,
        (session) => session && { ...session, account: session.account && { ...session.account, locale: other } },
      )
      // The server's sentences come in the account's language too.
      await queries.invalidateQueries()
    },
    onError: (error) => tellFailure(t, error),
  })
  return (
    <button type="button" className="plain-button" lang={other} onClick={() => change.mutate()}>
      {names[other]}
    </button>
  )
}
