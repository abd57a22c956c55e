import { Checkbox, NativeSelect, TextInput } from '@mantine/core'
import type { Questionnaire, QuestionnaireItem } from '@medplum/fhirtypes'
import { extensionOf, urls } from '../../src/forms/index.ts'
import { useWords } from '../i18n.ts'
import { ConditionEditor } from './condition-editor.tsx'
import {
  expressionOf,
  itemAt,
  renameItem,
  replaceItem,
  setExpression,
  setExtension,
  setTexts,
  type Spot,
  textsOf,
} from './editing.ts'
import { OptionEditor } from './option-editor.tsx'

const types = [
  'group',
  'display',
  'boolean',
  'choice',
  'open-choice',
  'integer',
  'decimal',
  'quantity',
  'date',
  'dateTime',
  'time',
  'string',
  'text',
  'url',
] as const
const bounded = new Set(['integer', 'decimal', 'date', 'dateTime', 'time'])

interface ItemEditorProps {
  form: Questionnaire
  spot: Spot
  change: (form: Questionnaire) => void
}

/** Everything about one item of a form, both languages side by side. */
export function ItemEditor({ form, spot, change }: ItemEditorProps) {
  const { t } = useWords()
  const item = itemAt(form, spot)
  if (!item) return null
  const put = (next: QuestionnaireItem) => change(replaceItem(form, spot, next))
  const asked = item.type !== 'group' && item.type !== 'display'
  return (
    <div className="form">
      <TextPair label={t('itemText')} element={item} name="text" put={put} />
      <div className="pair">
        <NativeSelect
          label={t('itemType')}
          value={item.type}
          data={types.map((type) => ({ value: type, label: t(`itemType_${type}`) }))}
          onChange={(event) => put(retyped(item, event.currentTarget.value as QuestionnaireItem['type']))}
        />
        <TextInput
          label={t('linkId')}
          description={t('linkIdHint')}
          value={item.linkId}
          onChange={(event) => change(renameItem(form, spot, event.currentTarget.value))}
        />
      </div>
      {item.type !== 'display' && (
        <div className="checks">
          {asked && <Flag item={item} name="required" label={t('itemRequired')} put={put} />}
          <Flag item={item} name="repeats" label={t('itemRepeats')} put={put} />
          {asked && <Flag item={item} name="readOnly" label={t('itemReadOnly')} put={put} />}
          <Checkbox
            label={t('itemHidden')}
            checked={extensionOf(item, urls.hidden)?.valueBoolean === true}
            onChange={(event) =>
              put(setExtension(item, urls.hidden, event.currentTarget.checked ? { valueBoolean: true } : undefined))
            }
          />
        </div>
      )}
      {(item.type === 'choice' || item.type === 'open-choice') && <OptionEditor item={item} put={put} />}
      {bounded.has(item.type) && <Bounds item={item} put={put} />}
      {item.type === 'quantity' && <Unit item={item} put={put} />}
      {['string', 'text', 'url'].includes(item.type) && <Lengths item={item} put={put} />}
      <ConditionEditor form={form} item={item} put={put} />
      {asked && (
        <>
          <TextInput
            label={t('calculated')}
            description={t('calculatedHint')}
            value={expressionOf(item, urls.calculated)}
            onChange={(event) => {
              const next = setExpression(item, urls.calculated, event.currentTarget.value)
              put(event.currentTarget.value === '' ? next : { ...next, readOnly: true })
            }}
          />
          <TextInput
            label={t('initialExpression')}
            value={expressionOf(item, urls.initial)}
            onChange={(event) => put(setExpression(item, urls.initial, event.currentTarget.value))}
          />
        </>
      )}
    </div>
  )
}

/** What another type has no use for is taken away with the old one. */
function retyped(item: QuestionnaireItem, type: QuestionnaireItem['type']): QuestionnaireItem {
  const {
    answerOption,
    answerValueSet,
    initial: _initial,
    required,
    repeats,
    readOnly,
    maxLength: _length,
    ...rest
  } = item
  const choice = type === 'choice' || type === 'open-choice'
  const asked = type !== 'group' && type !== 'display'
  const bare = [urls.minValue, urls.maxValue, urls.regex, urls.unit].reduce(
    (one, url) => setExtension(one, url, undefined),
    rest as QuestionnaireItem,
  )
  return {
    ...bare,
    type,
    ...(choice && answerOption ? { answerOption } : {}),
    ...(choice && answerValueSet ? { answerValueSet } : {}),
    ...(asked && required ? { required } : {}),
    ...(asked && readOnly ? { readOnly } : {}),
    ...(type !== 'display' && repeats ? { repeats } : {}),
  }
}

export function TextPair<T extends object>({
  label,
  element,
  name,
  put,
}: {
  label: string
  element: T
  name: string
  put: (next: T) => void
}) {
  const { t } = useWords()
  const texts = textsOf(element, name)
  return (
    <div className="pair">
      {(['en', 'fr'] as const).map((language) => (
        <TextInput
          key={language}
          lang={language}
          label={`${label} (${t(`in_${language}`)})`}
          value={
            texts[language] === texts[language === 'en' ? 'fr' : 'en'] && language === 'fr' && !hasOwn(element, name)
              ? ''
              : texts[language]
          }
          onChange={(event) => {
            const other = language === 'en' && !hasOwn(element, name) ? '' : texts[language === 'en' ? 'fr' : 'en']
            const text = event.currentTarget.value
            put(setTexts(element, name, language === 'en' ? { en: text, fr: other } : { en: texts.en, fr: text }))
          }}
        />
      ))}
    </div>
  )
}

/** Whether the French is its own and not the English standing in. */
const hasOwn = (element: object, name: string): boolean => `_${name}` in element

function Flag({
  item,
  name,
  label,
  put,
}: {
  item: QuestionnaireItem
  name: 'required' | 'repeats' | 'readOnly'
  label: string
  put: (next: QuestionnaireItem) => void
}) {
  return (
    <Checkbox
      label={label}
      checked={item[name] === true}
      onChange={(event) => {
        const { [name]: _before, ...rest } = item
        put(event.currentTarget.checked ? { ...rest, [name]: true } : rest)
      }}
    />
  )
}

interface PartProps {
  item: QuestionnaireItem
  put: (next: QuestionnaireItem) => void
}

const kinds: Readonly<Record<string, 'valueInteger' | 'valueDecimal' | 'valueDate' | 'valueDateTime' | 'valueTime'>> = {
  integer: 'valueInteger',
  decimal: 'valueDecimal',
  date: 'valueDate',
  dateTime: 'valueDateTime',
  time: 'valueTime',
}

function Bounds({ item, put }: PartProps) {
  const { t } = useWords()
  const kind = kinds[item.type] ?? 'valueInteger'
  const numeric = kind === 'valueInteger' || kind === 'valueDecimal'
  return (
    <div className="pair">
      {(
        [
          ['least', urls.minValue],
          ['greatest', urls.maxValue],
        ] as const
      ).map(([word, url]) => (
        <TextInput
          key={word}
          label={t(word)}
          type={numeric ? 'number' : item.type === 'date' ? 'date' : 'text'}
          value={String(extensionOf(item, url)?.[kind] ?? '')}
          onChange={(event) => {
            const text = event.currentTarget.value
            put(setExtension(item, url, text === '' ? undefined : { [kind]: numeric ? Number(text) : text }))
          }}
        />
      ))}
    </div>
  )
}

function Unit({ item, put }: PartProps) {
  const { t } = useWords()
  return (
    <TextInput
      label={t('unit')}
      description={t('unitHint')}
      value={extensionOf(item, urls.unit)?.valueCoding?.code ?? ''}
      onChange={(event) => {
        const code = event.currentTarget.value
        put(
          setExtension(
            item,
            urls.unit,
            code === '' ? undefined : { valueCoding: { system: 'http://unitsofmeasure.org', code, display: code } },
          ),
        )
      }}
    />
  )
}

function Lengths({ item, put }: PartProps) {
  const { t } = useWords()
  return (
    <div className="pair">
      <TextInput
        label={t('maxLength')}
        type="number"
        min={1}
        value={String(item.maxLength ?? '')}
        onChange={(event) => {
          const { maxLength: _before, ...rest } = item
          put(event.currentTarget.value === '' ? rest : { ...rest, maxLength: Number(event.currentTarget.value) })
        }}
      />
      <TextInput
        label={t('pattern')}
        value={extensionOf(item, urls.regex)?.valueString ?? ''}
        onChange={(event) =>
          put(
            setExtension(
              item,
              urls.regex,
              event.currentTarget.value === '' ? undefined : { valueString: event.currentTarget.value },
            ),
          )
        }
      />
    </div>
  )
}
