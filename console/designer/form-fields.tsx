import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import type { DesignSurroundings, FormVersion } from '../../src/contracts/index.ts'
import { type AskedQuestion, branchOnAnswer, type DesignStep, keepAnswer } from '../../src/pathways/index.ts'
import { call, get } from '../api/call.ts'
import { formsQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { useAct } from '../parts/use-act.ts'
import { useDesigner } from './design-context.ts'
import { ChoiceField, DurationField, Group, useRoleOptions } from './fields.tsx'
import { FormDialog } from './form-dialog.tsx'
import { formNamed } from './forms-at-hand.ts'
import type { KindProps } from './kind-fields.tsx'
import { DueFields, EscalationFields } from './person-fields.tsx'
import { SetsFields } from './sets-fields.tsx'
import { without } from './step-form.tsx'
import { surroundingsQuery } from './use-draft.ts'

type Form = NonNullable<DesignStep['form']>

/** Which form, who fills it in and when, what of it the journey keeps, and where it parts by an answer. */
export function FormFields({ id, form, path, put }: KindProps & { form: Form }) {
  const { t, either } = useWords()
  const { surroundings, design, edit, choose } = useDesigner()
  const roles = useRoleOptions()
  const set = (change: (form: Form) => Form, field: string) =>
    put((before) => (before.form ? { ...before, form: change(before.form) } : before), field)
  const at = `${path}.form`
  const chosen = formNamed(surroundings.forms, form.questionnaire)
  const questions = chosen?.version.questions ?? []
  const name = (questionnaire: string) => set((before) => ({ ...before, questionnaire }), 'questionnaire')
  return (
    <>
      <ChoiceField
        label={t('designForm')}
        value={form.questionnaire}
        options={useFormOptions(surroundings.forms, form.questionnaire)}
        path={`${at}.questionnaire`}
        change={(questionnaire) => name(questionnaire ?? '')}
      />
      {chosen && <Questions chosen={chosen} name={name} />}
      <ChoiceField
        label={t('designWho')}
        value={form.role}
        options={roles}
        path={`${at}.role`}
        change={(role) => set((before) => without(before, 'role', role), 'role')}
      />
      <DueFields
        due={form.due}
        path={`${at}.due`}
        change={(due) => set((before) => without(before, 'due', due), 'due')}
      />
      <DurationField
        label={t('designAtMost')}
        value={form['at-most']}
        path={`${at}.at-most`}
        change={(value) => set((before) => without(before, 'at-most', value), 'at-most')}
      />
      <SetsFields
        label={t('designAnswersInto')}
        sets={form.set}
        path={`${at}.set`}
        change={(sets) => set((before) => without(before, 'set', sets), 'set')}
        questions={questions}
        keep={(question) => edit((before) => keepAnswer(before, id, question).design)}
      />
      <Group title={t('designBranch')}>
        <NativeSelect
          size="xs"
          aria-label={t('designBranchOn')}
          value=""
          data={[
            { value: '', label: t('designBranchOn') },
            ...questions.filter(parts).map((one) => ({ value: one.linkId, label: either(one.text) })),
          ]}
          onChange={(event) => {
            const question = questions.find((one) => one.linkId === event.currentTarget.value)
            if (!question) return
            edit((before) => branchOnAnswer(before, id, question).design)
            choose({ kind: 'step', id: branchOnAnswer(design, id, question).id })
          }}
        />
        <p className="quiet">{t('designBranchHint')}</p>
      </Group>
      <EscalationFields
        escalate={form.escalate}
        path={`${at}.escalate`}
        change={(escalate) => set((before) => without(before, 'escalate', escalate), 'escalate')}
      />
    </>
  )
}

const parts = ({ type }: AskedQuestion) => ['boolean', 'integer', 'decimal', 'choice', 'string'].includes(type)

/** Each form in use by its name; its drafts, and the version that the step names, by their numbers. */
function useFormOptions(forms: DesignSurroundings['forms'], named: string) {
  const { t, either } = useWords()
  return forms.flatMap(({ url, title, versions }) => [
    ...(versions.some(({ status }) => status === 'active') ? [{ value: url, label: either(title) }] : []),
    ...versions
      .filter(({ status, canonical }) => status === 'draft' || canonical === named)
      .map(({ canonical, version, status }) => ({
        value: canonical,
        label: `${either(title)} · ${t('version', { n: version })} (${t(`form_${status}`)})`,
      })),
  ])
}

interface QuestionsProps {
  chosen: NonNullable<ReturnType<typeof formNamed>>
  name: (canonical: string) => void
}

/** What the form asks; and the way to change it: its draft, which the step names from then on. */
function Questions({ chosen: { form, version }, name }: QuestionsProps) {
  const { t, either } = useWords()
  const [open, setOpen] = useState<string>()
  const draft = form.versions.find(({ status }) => status === 'draft')
  const begin = useAct(
    async () => {
      if (draft) return { id: draft.id, canonical: draft.canonical }
      const { questionnaire } = await get<FormVersion>(`/api/forms/${version.id}`)
      const made = await call<FormVersion>('POST', '/api/forms', { questionnaire })
      return { id: made.id, canonical: `${made.url}|${made.version}` }
    },
    {
      anew: [formsQuery.queryKey, surroundingsQuery.queryKey],
      done({ id, canonical }) {
        name(canonical)
        setOpen(id)
      },
    },
  )
  return (
    <>
      <details className="design-details">
        <summary>{t('designQuestions', { count: version.questions.length })}</summary>
        <ol>
          {version.questions.map((question) => (
            <li key={question.linkId}>
              {either(question.text)} <code className="quiet">{question.linkId}</code>
            </li>
          ))}
        </ol>
      </details>
      <div className="design-row">
        <Button size="xs" loading={begin.isPending} onClick={() => begin.mutate()}>
          {t('designEditQuestions')}
        </Button>
      </div>
      {version.status === 'draft' && <p className="quiet">{t('designFormWithPathway')}</p>}
      {open !== undefined && <FormDialog id={open} close={() => setOpen(undefined)} />}
    </>
  )
}
