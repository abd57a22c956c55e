import { Button, Modal, NativeSelect } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { Automation, Replayed } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'

/** What a version would have answered last month, beside what was said then. Nothing takes effect. */
export function ReplayDialog({ automation, close }: { automation: Automation; close: () => void }) {
  const { t, either, code, number } = useWords()
  const [version, setVersion] = useState(automation.candidate ?? automation.active)
  const [report, setReport] = useState<Replayed>()
  const replay = useAct(
    () => call<Replayed>('POST', `/api/automations/${encodeURIComponent(automation.id)}/replay`, { version, days: 31 }),
    { anew: [], done: setReport, quiet: true },
  )
  const named = (answer: string) => {
    const known = automation.answers.find((one) => one.code === answer)
    return known ? either(known.title) : code('handed', answer)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    replay.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('replayMonth')} size="lg" closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={replay.error} />
        <p className="quiet">{t('replayHint')}</p>
        <NativeSelect
          label={t('versionWord')}
          value={String(version)}
          data={automation.versions.map((one) => ({
            value: String(one.version),
            label: `${one.version} · ${one.note}`,
          }))}
          onChange={(event) => setVersion(Number(event.currentTarget.value))}
        />
        {report && (
          <section aria-label={t('replayReport')}>
            <p>
              {t('replayed', {
                cases: number(report.cases),
                changed: number(report.changed.reduce((sum, one) => sum + one.count, 0)),
              })}
            </p>
            {report.changed.length > 0 && (
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">{t('acuity')}</th>
                    <th scope="col">{t('saidThen')}</th>
                    <th scope="col">{t('wouldSay')}</th>
                    <th scope="col">{t('decisionsN')}</th>
                  </tr>
                </thead>
                <tbody>
                  {report.changed.map((one) => (
                    <tr key={`${one.acuity} ${one.from} ${one.to}`} data-testid="replay-row">
                      <td>{code('priority', one.acuity)}</td>
                      <td>{named(one.from)}</td>
                      <td>{named(one.to)}</td>
                      <td className="number">{number(one.count)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
            <code className="quiet">{report.hash.slice(0, 16)}</code>
          </section>
        )}
        <div className="form-end">
          <Button onClick={close}>{t('close')}</Button>
          <Button type="submit" variant="filled" loading={replay.isPending}>
            {t('replayDo')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
