import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useWords } from '../i18n.ts'
import { Chosen } from './chosen.tsx'

interface Coded<System extends string> {
  system: System
  code: string
  in?: string[] | undefined
}

/** Codes of some systems, one a row; with places, each holds in those only. */
export function CodeRows<System extends string>({
  label,
  systems,
  name,
  rows,
  places,
  change,
}: {
  label: string
  systems: readonly System[]
  name: (system: System) => string
  rows: readonly Coded<System>[]
  places?: readonly { id: string; label: string }[]
  change: (rows: Coded<System>[]) => void
}) {
  const { t } = useWords()
  const put = (index: number, row: Coded<System>) => change(rows.map((one, at) => (at === index ? row : one)))
  const [first] = systems
  return (
    <fieldset className="chosen">
      <legend>{label}</legend>
      {rows.map((row, index) => (
        <div key={index} className="code-row">
          <NativeSelect
            size="xs"
            aria-label={t('codeSystem')}
            value={row.system}
            onChange={({ currentTarget: { value } }) =>
              put(index, { ...row, system: systems.find((one) => one === value) ?? row.system })
            }
            data={systems.map((value) => ({ value, label: name(value) }))}
          />
          <TextInput
            size="xs"
            aria-label={t('codeWord')}
            value={row.code}
            onChange={(event) => put(index, { ...row, code: event.currentTarget.value.trim() })}
          />
          {places && (
            <Chosen
              label={t('feeWhere')}
              chosen={row.in ?? []}
              from={places}
              change={(ids) => {
                const { in: _former, ...rest } = row
                put(index, ids.length === 0 ? { ...rest } : { ...rest, in: ids })
              }}
            />
          )}
          <Button size="xs" onClick={() => change(rows.filter((_, at) => at !== index))}>
            {t('remove')}
          </Button>
        </div>
      ))}
      <Button size="xs" onClick={() => first !== undefined && change([...rows, { system: first, code: '' }])}>
        {t('addCode')}
      </Button>
    </fieldset>
  )
}
