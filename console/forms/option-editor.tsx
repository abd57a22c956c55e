import { Button, TextInput } from '@mantine/core'
import type { QuestionnaireItem, QuestionnaireItemAnswerOption } from '@medplum/fhirtypes'
import { useWords } from '../i18n.ts'
import { codeFor, scoreOf, setScore, setTexts, textsOf } from './editing.ts'

/** What a choice offers: each with its words in both languages, its code, and what it counts for. Or a value set. */
export function OptionEditor({ item, put }: { item: QuestionnaireItem; put: (next: QuestionnaireItem) => void }) {
  const { t } = useWords()
  const options = item.answerOption ?? []
  const set = (next: QuestionnaireItemAnswerOption[]) => {
    const { answerOption: _before, ...rest } = item
    put(next.length === 0 ? rest : { ...rest, answerOption: next })
  }
  const replace = (index: number, option: QuestionnaireItemAnswerOption) =>
    set(options.map((one, at) => (at === index ? option : one)))
  const say = (index: number, language: 'en' | 'fr', text: string) => {
    const option = options[index]
    if (!option) return
    const coding = option.valueCoding ?? {}
    const before = textsOf(coding, 'display')
    const french = '_display' in coding ? before.fr : ''
    const next = setTexts(coding, 'display', language === 'en' ? { en: text, fr: french } : { en: before.en, fr: text })
    // Until somebody gives it a code of its own, the code follows the English words.
    const follows = coding.code === undefined || coding.code === codeFor(before.en)
    replace(index, { ...option, valueCoding: language === 'en' && follows ? { ...next, code: codeFor(text) } : next })
  }
  return (
    <fieldset className="part">
      <legend>{t('options')}</legend>
      {item.answerValueSet === undefined && (
        <>
          {options.map((option, index) => {
            const coding = option.valueCoding
            if (!coding)
              return (
                <p key={index} className="quiet">
                  {t('optionOther')}
                </p>
              )
            const words = textsOf(coding, 'display')
            return (
              <div key={index} className="option-line">
                <TextInput
                  aria-label={`${t('in_en')} ${index + 1}`}
                  placeholder={t('in_en')}
                  value={words.en}
                  onChange={(event) => say(index, 'en', event.currentTarget.value)}
                />
                <TextInput
                  aria-label={`${t('in_fr')} ${index + 1}`}
                  placeholder={t('in_fr')}
                  lang="fr"
                  value={'_display' in coding ? words.fr : ''}
                  onChange={(event) => say(index, 'fr', event.currentTarget.value)}
                />
                <TextInput
                  aria-label={`${t('code')} ${index + 1}`}
                  placeholder={t('code')}
                  value={coding.code ?? ''}
                  onChange={(event) =>
                    replace(index, { ...option, valueCoding: { ...coding, code: event.currentTarget.value } })
                  }
                />
                <TextInput
                  aria-label={`${t('countsFor')} ${index + 1}`}
                  placeholder={t('countsFor')}
                  type="number"
                  value={String(scoreOf(option) ?? '')}
                  onChange={(event) =>
                    replace(
                      index,
                      setScore(
                        option,
                        event.currentTarget.value === '' ? undefined : Number(event.currentTarget.value),
                      ),
                    )
                  }
                />
                <Button
                  variant="subtle"
                  aria-label={t('removeRow', { n: index + 1 })}
                  onClick={() => set(options.filter((_one, at) => at !== index))}
                >
                  ×
                </Button>
              </div>
            )
          })}
          <Button onClick={() => set([...options, { valueCoding: {} }])}>{t('addOption')}</Button>
        </>
      )}
      {options.length === 0 && (
        <TextInput
          label={t('valueSetUrl')}
          value={item.answerValueSet ?? ''}
          onChange={(event) => {
            const { answerValueSet: _before, ...rest } = item
            put(event.currentTarget.value === '' ? rest : { ...rest, answerValueSet: event.currentTarget.value })
          }}
        />
      )}
    </fieldset>
  )
}
