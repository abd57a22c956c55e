import { Button } from '@mantine/core'
import type { Flag, FlagChangeItem, FlagItem } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { useAccount } from '../parts/session-context.ts'
import { useAct } from '../parts/use-act.ts'
import { useRoleTitles } from '../parts/use-role-titles.ts'
import { scopeWords } from './scope-words.ts'

/** Said only when it is not simply in force. */
export function FlagState({ state }: { state: FlagItem['state'] }) {
  const { code } = useWords()
  return state === 'holds' ? null : <span className="tag bad">{code('flagState', state)}</span>
}

/** What a change makes of a flag, in words: "May do: Recommends → Answers within bounds". */
export function ChangeWords({ before, after }: { before: Flag | null; after: Flag | null }) {
  const words = useWords()
  const { t, code, date } = words
  const titleOf = useRoleTitles()
  if (after === null) return <>{t('flagRemoved')}</>
  const told = {
    allows: [t('letsDo'), (flag: Flag) => code('authority', flag.allows)],
    scope: [t('where'), (flag: Flag) => scopeWords(words, flag.scope)],
    expires: [t('expiresOn'), (flag: Flag) => date(flag.expires)],
    retires: [t('retiresOn'), (flag: Flag) => date(flag.retires)],
    owner: [t('ownerRole'), (flag: Flag) => titleOf(flag.owner)],
    clinicalOwner: [t('clinicalOwnerRole'), (flag: Flag) => titleOf(flag.clinicalOwner)],
    retirementTest: [t('retirementTest'), (flag: Flag) => flag.retirementTest],
  } as const
  return (
    <>
      {Object.entries(told).map(([name, [title, say]]) => {
        if (before === null)
          return name === 'allows' ? <div key={name}>{t('flagMade', { level: say(after) })}</div> : null
        return say(before) === say(after) ? null : (
          <div key={name}>
            {title}: {say(before)} → <strong>{say(after)}</strong>
          </div>
        )
      })}
    </>
  )
}

/** A change that waits: somebody else than who asked may let it happen. */
export function OpenChange({ change }: { change: FlagChangeItem }) {
  const { t, moment } = useWords()
  const account = useAccount()
  const decide = useAct(
    (does: 'confirm' | 'drop') =>
      does === 'confirm'
        ? call('POST', `/api/flags/changes/${change.id}/confirm`)
        : call('DELETE', `/api/flags/changes/${change.id}`),
    { anew: [['flags'], ['automations']] },
  )
  return (
    <div className="open-change" data-testid="open-change">
      <span className="tag">{t('waitsForSecond')}</span> <ChangeWords before={change.before} after={change.after} />
      <span className="quiet">
        {change.reason} {change.askedBy}, {moment(change.askedAt)}
      </span>
      {account.may('release.manage') && (
        <div>
          <Button variant="filled" loading={decide.isPending} onClick={() => decide.mutate('confirm')}>
            {t('confirmChange')}
          </Button>{' '}
          <Button loading={decide.isPending} onClick={() => decide.mutate('drop')}>
            {t('takeBack')}
          </Button>
        </div>
      )}
    </div>
  )
}
