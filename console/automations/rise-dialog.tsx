import { Button, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { Automation, ReleaseLevel } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'
import { levels } from './ladder.tsx'

/**
 * Asks for one level more in a scope: makes the evidence out of what the version did at its present level, then the
 * request, for two people to sign.
 */
export function RiseDialog({ automation, close }: { automation: Automation; close: () => void }) {
  const { t, code } = useWords()
  const [version, setVersion] = useState(automation.candidate ?? automation.active)
  const [site, setSite] = useState('')
  const [reason, setReason] = useState('')
  const [review, setReview] = useState('')
  const scope = site.trim() === '' ? {} : { site: site.trim() }
  const standings = automation.versions.find((one) => one.version === version)?.standings ?? []
  const here = standings.find((one) => JSON.stringify(one.scope) === JSON.stringify(scope))
  const around = standings.find((one) => Object.keys(one.scope).length === 0)
  const level: ReleaseLevel = (here ?? around)?.level ?? 'off'
  const to = levels[levels.indexOf(level) + 1]
  const ask = useAct(
    async () => {
      const at = `/api/automations/${encodeURIComponent(automation.id)}`
      const evidence = await call<{ id: string }>('POST', `${at}/evidence`, {
        version,
        scope,
        level,
        ...(level === 'off' ? { review: review.trim() } : {}),
      })
      await call('POST', `${at}/rises`, { version, scope, to, evidence: evidence.id, reason: reason.trim() })
    },
    { anew: [['automations']], done: close, quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    ask.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('askRise')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={ask.error} />
        <NativeSelect
          label={t('versionWord')}
          value={String(version)}
          data={[automation.active, ...(automation.candidate === null ? [] : [automation.candidate])].map((one) => ({
            value: String(one),
            label: `${one} · ${t(one === automation.active ? 'answersNow' : 'looksOn')}`,
          }))}
          onChange={(event) => setVersion(Number(event.currentTarget.value))}
        />
        <TextInput
          label={t('stopSite')}
          description={t('riseSiteHint')}
          placeholder="Location/…"
          value={site}
          onChange={(event) => setSite(event.currentTarget.value)}
        />
        <p>
          {to === undefined
            ? t('noHigher')
            : t('fromTo', { from: code('authority', level), to: code('authority', to) })}
        </p>
        {level === 'off' ? (
          <Textarea
            label={t('whatWasReviewed')}
            description={t('whatWasReviewedHint')}
            required
            minLength={10}
            autosize
            minRows={2}
            value={review}
            onChange={(event) => setReview(event.currentTarget.value)}
          />
        ) : (
          <p className="quiet">{t('evidenceIsCounted')}</p>
        )}
        <Textarea
          label={t('reason')}
          required
          minLength={3}
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={ask.isPending} disabled={to === undefined}>
            {t('askRise')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
