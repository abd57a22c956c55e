import { Button, NativeSelect } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { Questionnaire } from '@medplum/fhirtypes'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { FormVersion } from '../../src/contracts/index.ts'
import { begin, bothOf, checkQuestionnaire, fill, readForm, type Sheet } from '../../src/forms/index.ts'
import { call } from '../api/call.ts'
import { formQuery, formsQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { useClock } from '../parts/clock.ts'
import { tellFailure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { SureDialog } from '../parts/sure-dialog.tsx'
import { useAct } from '../parts/use-act.ts'
import { addItem, itemAt, type Move, moveItem, outlineOf, removeItem, sameSpot, type Spot, textsOf } from './editing.ts'
import { FormFill } from './form-fill.tsx'
import { ItemEditor, TextPair } from './item-editor.tsx'

interface FormWorkProps {
  form: FormVersion
  /** Leaves the form where it is worked on beside a pathway, with which it goes live; left out on its own page. */
  finish?: () => void
  /** Leads to another version. */
  opened?: (id: string) => void
}

/** One version of a form: its questions, how it looks when it is filled in, and, as long as it is a draft, its editor. */
export function FormWork({ form, finish, opened }: FormWorkProps) {
  const { t, either } = useWords()
  const account = useAccount()
  const queries = useQueryClient()
  const key = formQuery(form.id).queryKey
  const [draft, setDraft] = useState(() => form.questionnaire as unknown as Questionnaire)
  const [spot, setSpot] = useState<Spot | undefined>(draft.item?.length ? [0] : undefined)
  const [sure, setSure] = useState(false)
  const [ending, setEnding] = useState(false)
  const editing = form.status === 'draft' && account.may('pathways.write')
  const findings = useMemo(() => checkQuestionnaire(draft), [draft])
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const anew = [formsQuery.queryKey]
  const keeping = useKeeping(form)
  const change = (next: Questionnaire) => {
    setDraft(next)
    // What is not kept by the server yet outlives a change of the page.
    queries.setQueryData(key, (known) => (known ? { ...known, questionnaire: { ...next } } : known))
    keeping.changed(next)
  }
  const publish = useAct(
    async () => {
      const stored = await keeping.settle()
      return call<FormVersion>('POST', `/api/forms/${form.id}/publish`, { stored })
    },
    {
      anew: [...anew, key],
      quiet: true,
      done() {
        setSure(false)
        notifications.show({ color: 'pine', message: t('formPublished') })
      },
    },
  )
  const next = useAct(() => call<FormVersion>('POST', '/api/forms', { questionnaire: draft }), {
    anew,
    done: (answer) => opened?.(answer.id),
  })
  return (
    <>
      <header className="journey-head">
        <div>
          <h1>{either(bothOf(draft, 'title', draft.language)) || t('untitledForm')}</h1>
          <p>
            <span className={`tag ${form.status === 'active' ? 'good' : ''}`}>{t(`form_${form.status}`)}</span>{' '}
            <span className="quiet">
              {t('version', { n: form.version })} · <code>{form.url}</code>
            </span>
          </p>
        </div>
        <div className="head-right">
          {editing && (
            <>
              {!finish && account.may('pathways.publish') && typeof form.publish === 'string' && (
                <span className="quiet">{t(`turn_${form.publish}`)}</span>
              )}
              <span className="quiet" role="status">
                {t({ kept: 'draftKept', keeping: 'draftKeeping', not: 'draftNotKept' }[keeping.state])}
              </span>
              {finish ? (
                <Button
                  variant="filled"
                  loading={ending}
                  onClick={() => {
                    setEnding(true)
                    void keeping.settle().then(finish)
                  }}
                >
                  {t('designFormDone')}
                </Button>
              ) : (
                account.may('pathways.publish') && (
                  <Button
                    variant="filled"
                    disabled={errors > 0 || form.publish !== true}
                    loading={publish.isPending}
                    onClick={() => setSure(true)}
                  >
                    {t('publish')}
                  </Button>
                )
              )}
            </>
          )}
          {opened && form.status !== 'draft' && account.may('pathways.write') && (
            <Button loading={next.isPending} onClick={() => next.mutate()}>
              {t('newFormVersion')}
            </Button>
          )}
        </div>
      </header>
      <div className={`form-work ${editing ? '' : 'only-preview'}`}>
        {editing && <Outline draft={draft} spot={spot} choose={setSpot} change={change} />}
        {editing && (
          <section aria-label={t('itemEdited')}>
            <h2>{t('itemEdited')}</h2>
            {spot && itemAt(draft, spot) ? (
              <ItemEditor form={draft} spot={spot} change={change} />
            ) : (
              <p className="quiet">{t('chooseItem')}</p>
            )}
          </section>
        )}
        <section aria-label={t('preview')}>
          <Preview draft={draft} />
          {findings.length > 0 && (
            <>
              <h3>
                {t('findings')} <span className="count">{findings.length}</span>
              </h3>
              <ul className="findings" data-testid="form-findings">
                {findings.map((finding, index) => (
                  <li key={index} className={finding.severity}>
                    <button type="button" className="plain-button" onClick={() => setSpot(spotOf(finding.path))}>
                      <code>{finding.path.replace('Questionnaire.', '')}</code> {finding.message}
                    </button>
                  </li>
                ))}
              </ul>
            </>
          )}
        </section>
      </div>
      {sure && (
        <SureDialog
          title={t('publishForm')}
          text={`${t('publishFormHint')} ${form.lastWriter === null ? '' : t('publishFormWriter', { name: form.lastWriter })}`}
          act={t('publish')}
          doing={publish}
          close={() => setSure(false)}
        />
      )}
    </>
  )
}

const pause = 1_200

/** Keeps a draft a moment after each change, one after the other: the server takes it only from who saw the one before. */
function useKeeping(form: FormVersion) {
  const { t } = useWords()
  const [state, setState] = useState<'kept' | 'keeping' | 'not'>('kept')
  const queries = useQueryClient()
  const key = formQuery(form.id).queryKey
  const stored = () => queries.getQueryData(key)?.stored ?? form.stored
  const latest = useRef<Questionnaire>(undefined)
  const queue = useRef(Promise.resolve())
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const keep = () => {
    clearTimeout(timer.current)
    queue.current = queue.current.then(async () => {
      const questionnaire = latest.current
      if (!questionnaire) return
      latest.current = undefined
      setState('keeping')
      try {
        const kept = await call<FormVersion>('PUT', `/api/forms/${form.id}`, { questionnaire, stored: stored() })
        const { stored: seen, publish, lastWriter } = kept
        queries.setQueryData(key, (known) => (known ? { ...known, stored: seen, publish, lastWriter } : known))
        // A pathway that is worked on beside it asks the new questions.
        void queries.invalidateQueries({ queryKey: ['pathways', 'surroundings'] })
        setState(latest.current ? 'not' : 'kept')
      } catch (error) {
        latest.current ??= questionnaire
        setState('not')
        tellFailure(t, error)
      }
    })
    return queue.current
  }
  const keepNow = useRef(keep)
  keepNow.current = keep
  useEffect(() => () => void keepNow.current(), [])
  return {
    state,
    changed(next: Questionnaire) {
      latest.current = next
      setState('not')
      clearTimeout(timer.current)
      timer.current = setTimeout(() => void keepNow.current(), pause)
    },
    /** The version that the server has once everything is kept. */
    async settle(): Promise<number> {
      await keepNow.current()
      return stored()
    },
  }
}

/** `Questionnaire.item[1].item[0].text` → the second item's first. */
const spotOf = (path: string): Spot | undefined => {
  const places = [...path.matchAll(/item\[(\d+)\]/g)].map((match) => Number(match[1]))
  return places.length > 0 ? places : undefined
}

interface OutlineProps {
  draft: Questionnaire
  spot: Spot | undefined
  choose: (spot: Spot | undefined) => void
  change: (draft: Questionnaire) => void
}

const arrows: Readonly<Record<string, Move>> = { ArrowUp: 'up', ArrowDown: 'down', ArrowRight: 'in', ArrowLeft: 'out' }

/** The items in order. Alt and an arrow move the chosen one: among its siblings, into the group before it, out of its group. */
function Outline({ draft, spot, choose, change }: OutlineProps) {
  const { t, either } = useWords()
  const move = (from: Spot, how: Move) => {
    const moved = moveItem(draft, from, how)
    if (!moved) return
    change(moved.form)
    choose(moved.spot)
  }
  const add = () => {
    const added = addItem(draft, spot)
    change(added.form)
    choose(added.spot)
  }
  return (
    <section aria-label={t('items')}>
      <TextPair label={t('formTitle')} element={draft} name="title" put={change} />
      <h2>{t('items')}</h2>
      <ul className="outline">
        {outlineOf(draft).map(({ spot: at, item }) => (
          <li key={at.join('.')} style={{ paddingInlineStart: `${(at.length - 1) * 1.1}rem` }}>
            <button
              type="button"
              aria-current={sameSpot(spot, at) ? 'true' : undefined}
              onClick={() => choose(at)}
              onKeyDown={(event) => {
                const how = arrows[event.key]
                if (!event.altKey || !how) return
                event.preventDefault()
                move(at, how)
              }}
            >
              <span>{either(textsOf(item, 'text')) || item.linkId}</span>{' '}
              <span className="quiet">{t(`itemType_${item.type}`, { defaultValue: item.type })}</span>
            </button>
          </li>
        ))}
      </ul>
      <div className="outline-acts">
        <Button onClick={add}>{t('addItem')}</Button>
        {spot && (
          <>
            {(['up', 'down', 'in', 'out'] as const).map((how) => (
              <Button
                key={how}
                variant="subtle"
                disabled={moveItem(draft, spot, how) === undefined}
                aria-label={t(`move_${how}`)}
                title={t(`move_${how}`)}
                onClick={() => move(spot, how)}
              >
                {{ up: '↑', down: '↓', in: '→', out: '←' }[how]}
              </Button>
            ))}
            <Button
              variant="subtle"
              onClick={() => {
                change(removeItem(draft, spot))
                choose(undefined)
              }}
            >
              {t('remove')}
            </Button>
          </>
        )}
      </div>
    </section>
  )
}

/** The form as it will be filled in, with its computations and its score; what is typed here goes nowhere. */
function Preview({ draft }: { draft: Questionnaire }) {
  const { t, number } = useWords()
  const { zone, now } = useClock()
  const [sheet, setSheet] = useState<{ of: string; sheet: Sheet }>()
  const [strict, setStrict] = useState('gentle')
  const context = useMemo(() => ({ now, zone: zone === '' ? 'UTC' : zone }), [now, zone])
  const { form } = useMemo(() => readForm(draft), [draft])
  // A changed form is begun anew: answers to other questions would tell nothing.
  const shape = useMemo(() => JSON.stringify(outlineOf(draft).map(({ item }) => [item.linkId, item.type])), [draft])
  const current = useMemo(
    () => (sheet?.of === shape ? sheet.sheet : begin(form, context)),
    [sheet, shape, form, context],
  )
  const filled = useMemo(() => fill(form, current, context), [form, current, context])
  const total = Object.values(filled.scores)
  return (
    <>
      <div className="section-head">
        <h2>{t('preview')}</h2>
        <NativeSelect
          size="xs"
          aria-label={t('preview')}
          value={strict}
          onChange={(event) => setStrict(event.currentTarget.value)}
          data={[
            { value: 'gentle', label: t('whileFilling') },
            { value: 'strict', label: t('whenSent') },
          ]}
        />
      </div>
      {draft.item?.length ? (
        <FormFill
          form={form}
          sheet={current}
          filled={filled}
          change={(next) => setSheet({ of: shape, sheet: next })}
          tellMissing={strict === 'strict'}
        />
      ) : (
        <p className="quiet">{t('formEmpty')}</p>
      )}
      {total.length > 0 && (
        <p className="quiet">{t('scoreTotal', { n: number(total.reduce((sum, one) => sum + one, 0)) })}</p>
      )}
    </>
  )
}
