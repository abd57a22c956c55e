import { Button, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { FlagItem } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { rolesQuery } from '../api/queries.ts'
import { automationsQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'
import { levels } from './ladder.tsx'

interface Changed {
  waits: boolean
}

/** Makes a flag, changes one, or takes it away. Nothing of a flag may be left out. */
export function FlagDialog({ flag, close }: { flag: FlagItem | undefined; close: () => void }) {
  const { t, either, code } = useWords()
  const roles = useQuery(rolesQuery)
  const automations = useQuery(automationsQuery)
  const [key, setKey] = useState('')
  const [automation, setAutomation] = useState('')
  const [given, setGiven] = useState({
    owner: flag?.owner ?? 'operations-lead',
    clinicalOwner: flag?.clinicalOwner ?? 'clinical-director',
    allows: flag?.allows ?? 'recommend',
    site: flag?.scope.site ?? '',
    expires: flag?.expires ?? '',
    retires: flag?.retires ?? '',
    retirementTest: flag?.retirementTest ?? '',
    reason: '',
  })
  const put = (part: Partial<typeof given>) => setGiven((before) => ({ ...before, ...part }))
  const [waits, setWaits] = useState(false)
  const act = useAct(
    (remove: boolean) => {
      const { site, reason, ...rest } = given
      const { site: _site, ...wider } = flag?.scope ?? {}
      const body = {
        ...rest,
        scope: site.trim() === '' ? wider : { ...wider, site: site.trim() },
        reason: reason.trim(),
      }
      if (flag === undefined)
        return call<Changed>('POST', '/api/flags', {
          ...body,
          key: key.trim(),
          automation: automation === '' ? (automations.data?.items[0]?.id ?? '') : automation,
        })
      const at = `/api/flags/${encodeURIComponent(flag.key)}/changes`
      return call<Changed>('POST', at, remove ? { remove: true, reason: reason.trim() } : body)
    },
    {
      anew: [['flags'], ['automations']],
      quiet: true,
      done: (answer) => (answer.waits ? setWaits(true) : close()),
    },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    act.mutate(false)
  }
  const people = (roles.data?.items ?? []).map((one) => ({ value: one.id, label: either(one.title) }))
  const title = flag === undefined ? t('newFlag') : t('changeFlag', { name: flag.key })
  if (waits)
    return (
      <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
        <div className="form">
          <p>{t('flagWaits')}</p>
          <div className="form-end">
            <Button variant="filled" onClick={close} data-autofocus>
              {t('flagUnderstood')}
            </Button>
          </div>
        </div>
      </Modal>
    )
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={act.error} />
        <p className="quiet">{t('moreNeedsTwo')}</p>
        {flag === undefined && (
          <>
            <TextInput
              label={t('flagKey')}
              description={t('flagKeyHint')}
              required
              pattern="[a-z][a-z0-9-]{4,59}"
              data-autofocus
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
            />
            <NativeSelect
              label={t('automation')}
              value={automation}
              data={(automations.data?.items ?? []).map((one) => ({ value: one.id, label: either(one.title) }))}
              onChange={(event) => setAutomation(event.currentTarget.value)}
            />
          </>
        )}
        <NativeSelect
          label={t('letsDo')}
          value={given.allows}
          data={levels.map((one) => ({ value: one, label: code('authority', one) }))}
          onChange={(event) => put({ allows: levels.find((one) => one === event.currentTarget.value) ?? 'off' })}
        />
        <TextInput
          label={t('stopSite')}
          placeholder="Location/…"
          value={given.site}
          onChange={(event) => put({ site: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label={t('expiresOn')}
          required
          value={given.expires}
          onChange={(event) => put({ expires: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label={t('retiresOn')}
          required
          value={given.retires}
          onChange={(event) => put({ retires: event.currentTarget.value })}
        />
        <TextInput
          label={t('retirementTest')}
          description={t('retirementTestHint')}
          required
          minLength={5}
          value={given.retirementTest}
          onChange={(event) => put({ retirementTest: event.currentTarget.value })}
        />
        <NativeSelect
          label={t('ownerRole')}
          value={given.owner}
          data={people}
          onChange={(event) => put({ owner: event.currentTarget.value })}
        />
        <NativeSelect
          label={t('clinicalOwnerRole')}
          value={given.clinicalOwner}
          data={people}
          onChange={(event) => put({ clinicalOwner: event.currentTarget.value })}
        />
        <Textarea
          label={t('reason')}
          required
          minLength={3}
          autosize
          minRows={2}
          value={given.reason}
          onChange={(event) => put({ reason: event.currentTarget.value })}
        />
        <div className="form-end">
          {flag !== undefined && (
            <Button
              color="red.9"
              disabled={given.reason.trim().length < 3}
              loading={act.isPending}
              onClick={() => act.mutate(true)}
            >
              {t('removeFlag')}
            </Button>
          )}
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={act.isPending}>
            {flag === undefined ? t('newFlag') : t('flagChangeAct')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
