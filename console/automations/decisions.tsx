import { Button, Modal, NativeSelect, Switch, Textarea } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { Automation, DecisionItem } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { type DecisionShow, decisionShows, decisionsQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { useAct } from '../parts/use-act.ts'
import { targetOf } from '../record/reference-link.tsx'
import { DecisionDialog } from './decision-dialog.tsx'

/** What an automation was asked, what it said, and what people did with that. */
export function Decisions({ automation }: { automation: Automation }) {
  const { t, either, moment, code, number } = useWords()
  const account = useAccount()
  const [show, setShow] = useState<DecisionShow>('all')
  const [reversing, setReversing] = useState<DecisionItem>()
  const [looking, setLooking] = useState<string>()
  const decisions = useInfiniteQuery(decisionsQuery(automation.id, show))
  const data = decisions.data && { items: decisions.data.pages.flatMap((page) => page.items) }
  const named = (answer: string | null) => {
    const known = automation.answers.find((one) => one.code === answer)
    return known ? either(known.title) : (answer ?? '')
  }
  return (
    <>
      <Listing
        title={t('decisions')}
        empty={t('noDecisions')}
        query={{ ...decisions, data }}
        columns={[t('patient'), t('askedAt'), t('said'), t('cameTo'), t('who'), '']}
        action={
          <NativeSelect
            aria-label={t('show')}
            value={show}
            data={decisionShows.map((one) => ({ value: one, label: t(`decisions_${one}`) }))}
            onChange={(event) => setShow(decisionShows.find((one) => one === event.currentTarget.value) ?? 'all')}
          />
        }
        row={(one) => {
          const target = targetOf(one.patient)
          return (
            <tr key={one.id} data-testid="decision-row">
              <th scope="row">
                {target && (
                  <Link to="/record/$type/$id" params={target}>
                    {one.name}
                  </Link>
                )}
                <br />
                <Link to="/journeys/$id" params={{ id: one.journey }} className="quiet">
                  {one.step}
                </Link>
              </th>
              <td className="number">
                <button type="button" className="plain-button" onClick={() => setLooking(one.id)}>
                  {moment(one.askedAt)}
                </button>
              </td>
              <td>
                {one.output ? (
                  <>
                    {named(one.output.gives)} <span className="quiet">{Math.round(one.output.confidence * 100)} %</span>
                    <br />
                    <code className="quiet">{one.output.rule}</code>
                  </>
                ) : (
                  <span className="quiet">{one.handed === null ? '' : code('handed', one.handed)}</span>
                )}
              </td>
              <td>
                {one.answer === null ? (
                  <span className="quiet">{code('decision', one.status)}</span>
                ) : (
                  named(one.answer)
                )}
                {one.disposition === 'edited' && <span className="tag urgent">{t('changed')}</span>}
                {one.reversal && (
                  <div>
                    <span className="tag bad">{t('reversed')}</span> {named(one.reversal.to)}
                  </div>
                )}
              </td>
              <td>
                {one.status === 'acted'
                  ? t('theAutomation')
                  : (one.answeredBy ?? (one.answer === null ? '' : t('asBefore')))}
                {one.seconds !== null && (
                  <span className="quiet"> {t('tookSeconds', { seconds: number(one.seconds) })}</span>
                )}
              </td>
              <td className="end">
                {one.answer !== null && one.reversal === null && account.may('work.act') && (
                  <Button onClick={() => setReversing(one)}>{t('reverse')}…</Button>
                )}
              </td>
            </tr>
          )
        }}
      />
      {decisions.hasNextPage && (
        <div className="more">
          <Button loading={decisions.isFetchingNextPage} onClick={() => void decisions.fetchNextPage()}>
            {t('more')}
          </Button>
        </div>
      )}
      {looking !== undefined && (
        <DecisionDialog automation={automation} id={looking} close={() => setLooking(undefined)} />
      )}
      {reversing && (
        <ReverseDialog automation={automation} decision={reversing} close={() => setReversing(undefined)} />
      )}
    </>
  )
}

function ReverseDialog({
  automation,
  decision,
  close,
}: {
  automation: Automation
  decision: DecisionItem
  close: () => void
}) {
  const { t, either } = useWords()
  const [to, setTo] = useState('')
  const [why, setWhy] = useState('')
  const [conservative, setConservative] = useState(false)
  const reverse = useAct(
    () =>
      call('POST', `/api/decisions/${encodeURIComponent(decision.id)}/reverse`, {
        ...(to === '' ? {} : { to }),
        why: why.trim(),
        conservative,
      }),
    { anew: [['automations']], done: close, quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    reverse.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('reverse')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={reverse.error} />
        <p className="quiet">{t('reverseHint')}</p>
        <NativeSelect
          label={t('shouldHaveBeen')}
          value={to}
          data={[
            { value: '', label: t('notSaid') },
            ...automation.answers
              .filter(({ code }) => code !== decision.answer)
              .map(({ code, title }) => ({ value: code, label: either(title) })),
          ]}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        <Textarea
          label={t('reason')}
          required
          minLength={3}
          autosize
          minRows={2}
          data-autofocus
          value={why}
          onChange={(event) => setWhy(event.currentTarget.value)}
        />
        <Switch
          label={t('tooBold')}
          checked={conservative}
          onChange={(event) => setConservative(event.currentTarget.checked)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={reverse.isPending}>
            {t('reverse')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
