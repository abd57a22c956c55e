import { Button, Modal, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { checkTemplate, placeholders, type Template } from '../../src/pathways/index.ts'
import { type Language, useWords } from '../i18n.ts'
import { useFindingWords } from '../source/finding-words.ts'
import { useDesigner } from './design-context.ts'

const empty: Template = {
  template: '',
  subject: { en: 'A message from {{clinic.name}}', fr: 'Un message de {{clinic.name}}' },
  body: { en: '', fr: '' },
  sms: { en: '', fr: '' },
}

/** Made-up values: nobody's. */
const samples: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    'patient.given': 'Alex',
    'clinic.phone': '555-0100',
    'appointment.date': 'March 9, 10:00 a.m.',
    'referral.date': 'March 2',
    'form.link': 'https://…',
  },
  fr: {
    'patient.given': 'Alex',
    'clinic.phone': '555-0100',
    'appointment.date': '9 mars, 10 h',
    'referral.date': '2 mars',
    'form.link': 'https://…',
  },
}

/** A message's text in both languages side by side, with the places that are filled when it is sent, and how it will read. */
export function MessageText({
  name,
  close,
  named,
}: {
  /** Empty: a new message. */
  name: string
  close: () => void
  named: (template: string) => void
}) {
  const { t, code } = useWords()
  const say = useFindingWords()
  const { templates, work, write, design } = useDesigner()
  const known = templates.find((one) => one.template === name)
  const [text, setText] = useState<Template>(known ?? { ...empty, template: name })
  const [last, setLast] = useState<{ part: 'subject' | 'body' | 'sms'; language: Language }>({
    part: 'body',
    language: 'en',
  })
  const faults = checkTemplate(text)
  const fresh = known === undefined
  const badName =
    fresh && (!/^[a-z][a-z0-9-]{0,59}$/.test(text.template) || templates.some((one) => one.template === text.template))
  const missing = (['subject', 'body', 'sms'] as const).some(
    (part) => text[part].en.trim() === '' || text[part].fr.trim() === '',
  )
  const fill = (said: string, language: Language) =>
    said.replaceAll(/\{\{\s*([\w.]+)\s*\}\}/g, (_all, place: string) =>
      place === 'pathway.title'
        ? design.title[language]
        : place === 'clinic.name'
          ? t('designOurClinic')
          : (samples[language][place] ?? ''),
    )
  const put = (part: 'subject' | 'body' | 'sms', language: Language, value: string) =>
    setText((before) => ({ ...before, [part]: { ...before[part], [language]: value } }))
  const keep = () => {
    const others = work.templates.filter((one) => one.template !== text.template)
    write({ templates: [...others, text] })
    if (fresh) named(text.template)
    close()
  }
  return (
    <Modal
      opened
      onClose={close}
      size="min(980px, 96vw)"
      title={fresh ? t('designNewText') : t('designTextOf', { name })}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <div className="form design-text">
        {fresh && (
          <TextInput
            size="xs"
            label={t('designTextName')}
            description={t('designNameRule')}
            value={text.template}
            error={badName && text.template !== '' ? t('designNameTaken') : undefined}
            onChange={(event) => setText({ ...text, template: event.currentTarget.value })}
          />
        )}
        <div className="design-places" role="group" aria-label={t('designPlaces')}>
          {placeholders
            .filter((place) => last.part !== 'subject' || place === 'clinic.name')
            .map((place) => (
              <button
                key={place}
                type="button"
                onClick={() => put(last.part, last.language, `${text[last.part][last.language]}{{${place}}}`)}
              >
                {code('designPlace', place.replace('.', '-'))}
              </button>
            ))}
        </div>
        <div className="design-languages">
          {(['en', 'fr'] as const).map((language) => {
            const label = (part: string) => `${part} · ${t(language === 'en' ? 'designEnglish' : 'designFrench')}`
            const focus = (part: 'subject' | 'body' | 'sms') => () => setLast({ part, language })
            return (
              <section key={language} lang={language}>
                <TextInput
                  size="xs"
                  label={label(t('designSubject'))}
                  value={text.subject[language]}
                  onFocus={focus('subject')}
                  onChange={(event) => put('subject', language, event.currentTarget.value)}
                />
                <Textarea
                  size="xs"
                  rows={6}
                  label={label(t('designBody'))}
                  value={text.body[language]}
                  onFocus={focus('body')}
                  onChange={(event) => put('body', language, event.currentTarget.value)}
                />
                <Textarea
                  size="xs"
                  rows={2}
                  label={label(t('designSms'))}
                  description={t('designSmsLength', { count: fill(text.sms[language], language).length })}
                  value={text.sms[language]}
                  onFocus={focus('sms')}
                  onChange={(event) => put('sms', language, event.currentTarget.value)}
                />
                <div className="design-rendered" role="group" aria-label={label(t('designRendered'))}>
                  <strong>{fill(text.subject[language], language)}</strong>
                  <p>{fill(text.body[language], language)}</p>
                  <p className="design-sms">{fill(text.sms[language], language)}</p>
                </div>
              </section>
            )
          })}
        </div>
        {faults.length > 0 && (
          <ul className="design-fault" role="alert">
            {faults.map((fault) => (
              <li key={`${fault.path} ${fault.code}`}>
                {fault.path}: {say(fault)}
              </li>
            ))}
          </ul>
        )}
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button
            variant="filled"
            disabled={badName || missing || faults.some((fault) => fault.severity === 'error')}
            onClick={keep}
          >
            {t('designTakeText')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
