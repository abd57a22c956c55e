import { Button, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Incident, PostmortemActions } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { rolesQuery } from '../api/queries.ts'
import { actionsQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { useAct } from '../parts/use-act.ts'
import { useRoleTitles } from '../parts/use-role-titles.ts'

type Action = PostmortemActions['items'][number]

/** What is done after an incident so that it does not happen again, each with how surely it works. */
export function Postmortem({ incident }: { incident: Incident }) {
  const { t, code, date } = useWords()
  const titleOf = useRoleTitles()
  const account = useAccount()
  const actions = useQuery(actionsQuery(incident.id))
  const [adding, setAdding] = useState(false)
  const [closing, setClosing] = useState<Action>()
  const may = account.may('release.manage') && incident.closedAt === null
  return (
    <>
      <Listing
        title={t('postmortem')}
        hint={t('postmortemHint')}
        empty={t('noActions')}
        query={actions}
        columns={[t('actionWord'), t('strengthWord'), t('ownerRole'), t('watchedBy'), '']}
        action={may && <Button onClick={() => setAdding(true)}>{t('addAction')}…</Button>}
        row={(one) => (
          <tr key={one.id} data-testid="action-row">
            <th scope="row" className="wide">
              {one.says}
            </th>
            <td>
              <span className="tag">{code('strength', one.strength)}</span>
            </td>
            <td>
              {titleOf(one.owner)}
              <br />
              <span className="quiet number">{date(one.due)}</span>
            </td>
            <td>
              {one.closed ? (
                <>
                  {code('watchKind', one.closed.kind)}: <code>{one.closed.watch}</code>
                  <br />
                  <span className="quiet">
                    {one.closed.by}, {date(one.closed.at)}
                  </span>
                </>
              ) : (
                <span className="quiet">{t('notYet')}</span>
              )}
            </td>
            <td className="end">
              {may && !one.closed && <Button onClick={() => setClosing(one)}>{t('closeAction')}…</Button>}
            </td>
          </tr>
        )}
      />
      {adding && <AddDialog incident={incident.id} close={() => setAdding(false)} />}
      {closing && <CloseDialog action={closing} close={() => setClosing(undefined)} />}
    </>
  )
}

function AddDialog({ incident, close }: { incident: string; close: () => void }) {
  const { t, either, code } = useWords()
  const roles = useQuery(rolesQuery)
  const [given, setGiven] = useState({ says: '', strength: 'strong', owner: 'operations-lead', due: '' })
  const put = (part: Partial<typeof given>) => setGiven((before) => ({ ...before, ...part }))
  const add = useAct(() => call('POST', `/api/incidents/${incident}/actions`, { ...given, says: given.says.trim() }), {
    anew: [['incidents']],
    done: close,
    quiet: true,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('addAction')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={add.error} />
        <Textarea
          label={t('actionWord')}
          required
          minLength={5}
          autosize
          minRows={2}
          data-autofocus
          value={given.says}
          onChange={(event) => put({ says: event.currentTarget.value })}
        />
        <NativeSelect
          label={t('strengthWord')}
          description={t('strengthHint')}
          value={given.strength}
          data={['strong', 'intermediate', 'weak'].map((one) => ({ value: one, label: code('strength', one) }))}
          onChange={(event) => put({ strength: event.currentTarget.value })}
        />
        <NativeSelect
          label={t('ownerRole')}
          value={given.owner}
          data={(roles.data?.items ?? []).map((one) => ({ value: one.id, label: either(one.title) }))}
          onChange={(event) => put({ owner: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label={t('dueDay')}
          required
          value={given.due}
          onChange={(event) => put({ due: event.currentTarget.value })}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={add.isPending}>
            {t('addAction')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

function CloseDialog({ action, close }: { action: Action; close: () => void }) {
  const { t, code } = useWords()
  const [kind, setKind] = useState('test')
  const [watch, setWatch] = useState('')
  const end = useAct(() => call('POST', `/api/incidents/actions/${action.id}/close`, { kind, watch: watch.trim() }), {
    anew: [['incidents']],
    done: close,
    quiet: true,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    end.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('closeAction')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={end.error} />
        <p>{action.says}</p>
        <NativeSelect
          label={t('watchKindWord')}
          value={kind}
          data={['test', 'metric'].map((one) => ({ value: one, label: code('watchKind', one) }))}
          onChange={(event) => setKind(event.currentTarget.value)}
        />
        <TextInput
          label={t('watchedBy')}
          description={t('watchNewHint')}
          required
          minLength={3}
          value={watch}
          onChange={(event) => setWatch(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={end.isPending}>
            {t('closeAction')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
