import { NativeSelect, Textarea, TextInput } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import { useWords } from '../i18n.ts'
import { Icon } from '../parts/icons.tsx'
import { useFindingWords } from '../source/finding-words.ts'
import { findingsAt, useDesigner } from './design-context.ts'
import { durationUnits, partsOfDuration } from './durations.ts'

/** What the checker says of one place, as an error below its field. Only of that place itself unless `within`. */
export function useFault(path: string, within = true): string | undefined {
  const { findings } = useDesigner()
  const say = useFindingWords()
  const found = within ? findingsAt(findings, path) : findings.filter((one) => one.path === path)
  return found.length === 0 ? undefined : found.map(say).join('; ')
}

/** A group of fields under a small heading. */
export function Group({ title, children, aside }: { title: string; children: ReactNode; aside?: ReactNode }) {
  const id = useId()
  return (
    <section className="design-group" aria-labelledby={id}>
      <header>
        <h3 id={id}>{title}</h3>
        {aside}
      </header>
      {children}
    </section>
  )
}

interface FieldProps<T> {
  label: string
  value: T
  change: (value: T) => void
  /** Where it stands in the definition. */
  path: string
}

interface Said {
  en: string
  fr: string
}

/** A text in both languages, side by side. */
export function SaidField({
  label,
  value,
  change,
  path,
  lines = 1,
}: Omit<FieldProps<Said>, 'value'> & { value: Said | undefined; lines?: number }) {
  const { t } = useWords()
  const faults = { en: useFault(`${path}.en`), fr: useFault(`${path}.fr`) }
  const Field = lines > 1 ? Textarea : TextInput
  return (
    <div className="design-said">
      {(['en', 'fr'] as const).map((language) => (
        <Field
          key={language}
          size="xs"
          label={`${label} · ${t(language === 'en' ? 'designEnglish' : 'designFrench')}`}
          lang={language}
          value={value?.[language] ?? ''}
          error={faults[language]}
          {...(lines > 1 ? { rows: lines } : {})}
          onChange={(event) =>
            change({ en: value?.en ?? '', fr: value?.fr ?? '', [language]: event.currentTarget.value })
          }
        />
      ))}
    </div>
  )
}

export interface Option {
  value: string
  label: string
}

/** One of several; a value that is none of them is shown as it is written. `none`: the words for leaving it out. */
export function ChoiceField({
  label,
  value,
  change,
  path,
  options,
  none,
  hidden = false,
}: FieldProps<string | undefined> & { options: readonly Option[]; none?: string; hidden?: boolean }) {
  const fault = useFault(path)
  const known = value === undefined || options.some((one) => one.value === value)
  const data = [
    ...(none === undefined ? [] : [{ value: '', label: none }]),
    ...(known ? [] : [{ value, label: value }]),
    ...options,
  ]
  return (
    <NativeSelect
      size="xs"
      {...(hidden ? { 'aria-label': label } : { label })}
      value={value ?? ''}
      data={data}
      error={fault}
      onChange={(event) => change(event.currentTarget.value)}
    />
  )
}

export function useRoleOptions(): Option[] {
  const { surroundings } = useDesigner()
  const { either } = useWords()
  return surroundings.roles.map((role) => ({ value: role.id, label: either(role.title) }))
}

/** A length of time: a number and its unit. Without a number there is none. */
export function DurationField({
  label,
  value,
  change,
  path,
  placeholder,
  calendarOnly = false,
}: FieldProps<string | undefined> & { placeholder?: string; calendarOnly?: boolean }) {
  const { t, code } = useWords()
  const fault = useFault(path)
  const { amount, unit } = partsOfDuration(value)
  const say = (next: { amount: string; unit: string }) =>
    change(next.amount.trim() === '' ? undefined : `${next.amount} ${next.unit}`)
  return (
    <div className="design-duration">
      <TextInput
        size="xs"
        type="number"
        min={1}
        label={label}
        value={amount}
        error={fault}
        placeholder={placeholder ?? ''}
        onChange={(event) => say({ amount: event.currentTarget.value, unit })}
      />
      <NativeSelect
        size="xs"
        aria-label={`${label}: ${t('designUnit')}`}
        value={unit}
        disabled={amount === ''}
        data={durationUnits
          .filter((one) => !calendarOnly || !one.startsWith('business'))
          .map((one) => ({ value: one, label: code('designUnit', one.replace(' ', '-')) }))}
        onChange={(event) => say({ amount, unit: event.currentTarget.value })}
      />
    </div>
  )
}

export function RemoveButton({ label, act }: { label: string; act: () => void }) {
  return (
    <button type="button" className="design-remove" aria-label={label} title={label} onClick={act}>
      <Icon name="remove" size={13} />
    </button>
  )
}

export function AddButton({ label, act }: { label: string; act: () => void }) {
  return (
    <button type="button" className="plain-button design-add" onClick={act}>
      <Icon name="add" size={13} /> {label}
    </button>
  )
}
