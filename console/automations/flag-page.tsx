import { Button, Modal, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { FlagChangeItem } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { flagQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import { FlagDialog } from './flag-dialog.tsx'
import { ChangeWords, FlagState, OpenChange } from './flag-parts.tsx'
import { scopeWords } from './scope-words.ts'

const route = getRouteApi('/flags/$key')

/** One flag with all that was ever asked of it. */
export function FlagPage() {
  const { key } = route.useParams()
  const words = useWords()
  const { t, either, code, date, moment } = words
  const account = useAccount()
  const found = useQuery(flagQuery(key))
  const [changing, setChanging] = useState(false)
  const [undoing, setUndoing] = useState<FlagChangeItem>()
  if (found.isPending) return <Waiting />
  if (!found.data) return <Failure error={found.error} retry={found.refetch} />
  const { flag, changes } = found.data
  const last = changes.find(({ status }) => status === 'done')
  return (
    <div className="page">
      <Link to="/flags" className="back">
        ← {t('flagsWord')}
      </Link>
      <div className="page-head flat">
        <h1>{key}</h1>
        {flag && <FlagState state={flag.state} />}
        <div className="head-right">
          {flag && account.may('release.manage') && (
            <Button onClick={() => setChanging(true)}>{t('flagChangeAct')}…</Button>
          )}
        </div>
      </div>
      {flag ? (
        <p className="lead">
          {t('flagSays', {
            name: either(flag.title),
            level: code('authority', flag.lets),
            where: scopeWords(words, flag.scope),
            day: date(flag.expires),
          })}
        </p>
      ) : (
        <p className="lead">{t('flagGone')}</p>
      )}
      {flag?.open && <OpenChange change={flag.open} />}
      <Listing
        title={t('history')}
        empty={t('flagUnchanged')}
        query={{ ...found, data: { items: changes } }}
        columns={[t('flagChangeWord'), t('reason'), t('askedByHead'), t('state'), '']}
        row={(one) => (
          <tr key={one.id} data-testid="flag-change-row">
            <th scope="row">
              <ChangeWords before={one.before} after={one.after} />
            </th>
            <td className="wide">{one.reason}</td>
            <td>
              {one.askedBy}
              <br />
              <span className="quiet number">{moment(one.askedAt)}</span>
            </td>
            <td>
              {code('flagChange', one.status)}
              {one.decidedBy !== null && one.decidedBy !== one.askedBy && (
                <>
                  <br />
                  <span className="quiet">{one.decidedBy}</span>
                </>
              )}
            </td>
            <td className="end">
              {one === last && account.may('release.manage') && (
                <Button onClick={() => setUndoing(one)}>{t('undo')}…</Button>
              )}
            </td>
          </tr>
        )}
      />
      {changing && flag && <FlagDialog flag={flag} close={() => setChanging(false)} />}
      {undoing && <UndoDialog change={undoing} close={() => setUndoing(undefined)} />}
    </div>
  )
}

function UndoDialog({ change, close }: { change: FlagChangeItem; close: () => void }) {
  const { t } = useWords()
  const [reason, setReason] = useState('')
  const undo = useAct(() => call('POST', `/api/flags/changes/${change.id}/undo`, { reason: reason.trim() }), {
    anew: [['flags'], ['automations']],
    done: close,
    quiet: true,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    undo.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('undo')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={undo.error} />
        <p>
          <ChangeWords before={change.after} after={change.before} />
        </p>
        <p className="quiet">{t('moreNeedsTwo')}</p>
        <Textarea
          label={t('reason')}
          required
          minLength={3}
          autosize
          minRows={2}
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={undo.isPending}>
            {t('undo')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
