import { NativeSelect } from '@mantine/core'
import { useWords } from '../i18n.ts'

/** Some of a list, each to be taken away by a button; the rest to be added from a choice. */
export function Chosen({
  label,
  chosen,
  from,
  change,
}: {
  label: string
  chosen: readonly string[]
  from: readonly { id: string; label: string }[]
  change: (ids: string[]) => void
}) {
  const { t } = useWords()
  const labelOf = (id: string) => from.find((one) => one.id === id)?.label ?? id
  const left = from.filter(({ id }) => !chosen.includes(id)).toSorted((a, b) => a.label.localeCompare(b.label))
  return (
    <fieldset className="chosen">
      <legend>{label}</legend>
      <span className="tags">
        {chosen.map((id) => (
          <span key={id} className="tag">
            {labelOf(id)}
            <button
              type="button"
              className="plain-button"
              aria-label={t('removeNamed', { name: labelOf(id) })}
              onClick={() => change(chosen.filter((one) => one !== id))}
            >
              ×
            </button>
          </span>
        ))}
        {left.length > 0 && (
          <NativeSelect
            size="xs"
            aria-label={t('addTo', { name: label })}
            value=""
            onChange={({ currentTarget: { value } }) => value !== '' && change([...chosen, value])}
            data={[{ value: '', label: t('addChoice') }, ...left.map((one) => ({ value: one.id, label: one.label }))]}
          />
        )}
      </span>
    </fieldset>
  )
}
