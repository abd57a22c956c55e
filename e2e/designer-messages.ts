import { expect, test } from 'vitest'
import { picture } from '../testkit/browser.ts'
import { type Bench, callAs, patient, referred } from './designer-bench.ts'

const long = { timeout: 120_000 }
const booked = '  - complete: triage\n    with: accept\n  - complete: book\n    with: booked\n'

/** Ordinary changes of what people are told and asked. */
export function messageTests(benchOf: () => Bench): void {
  test('a reminder is added, in words of its own', long, async () => {
    const bench = benchOf()
    const { page } = bench
    await bench.begin('referral-intake')
    await bench.choose('tell-patient')
    await page.getByRole('button', { name: 'Add a step', exact: true }).click()
    await bench.fillAdd('message', { en: 'Remind of the visit', fr: 'Rappeler la visite' })
    const form = bench.form()
    await form.getByRole('button', { name: 'New text' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name of the text').fill('remember-the-visit')
    await dialog.getByLabel('E-mail · EN').fill('Hello ')
    await dialog.getByRole('button', { name: 'first name' }).click()
    await dialog.getByLabel('E-mail · FR').fill('Bonjour, nous vous attendons bientôt.')
    await dialog.getByLabel('Text message · EN').fill('See you soon.')
    await dialog.getByLabel('Text message · FR').fill('À bientôt.')
    expect(await dialog.getByRole('group', { name: 'As it will read · EN' }).innerText()).toContain('Hello Alex')
    await dialog.getByRole('button', { name: 'Take this text' }).click()
    await form.getByLabel('Which end of “Tell the patient the next step”').selectOption({ label: 'sent' })
    await bench.scenario(
      `${referred()}${booked}  - delivered: tell-patient\n    expect: {open: [remind-of-the-visit, visit], messages: [visit-booked, remember-the-visit]}\n`,
    )
    await bench.publish('Patients are reminded of their visit')
  })

  test(
    'a message is said otherwise in both languages, and goes out so with the version that says it',
    long,
    async () => {
      const bench = benchOf()
      const { page } = bench
      await bench.begin('referral-intake')
      await bench.choose('tell-patient')
      await bench.form().getByRole('button', { name: 'Edit the text' }).click()
      const dialog = page.getByRole('dialog')
      await dialog
        .getByLabel('Text message · EN')
        .fill('{{clinic.name}}: your visit is booked; bring your health card.')
      await dialog
        .getByLabel('Text message · FR')
        .fill('{{clinic.name}} : votre visite est fixée ; apportez votre carte d’assurance maladie.')
      await dialog.getByRole('button', { name: 'Take this text' }).click()
      await bench.scenario(`${referred()}${booked}    expect: {messages: [visit-booked]}\n`)
      const draft = new URL(page.url()).pathname.split('/').at(-1) ?? ''
      await bench.publish('People forget their card')
      const { body } = await callAs(page, 'GET', `/api/drafts/${draft}`)
      const { templates } = body as { templates: { template: string; sms: { en: string; fr: string } }[] }
      expect(templates.find((one) => one.template === 'visit-booked')?.sms).toEqual({
        en: '{{clinic.name}}: your visit is booked; bring your health card.',
        fr: '{{clinic.name}} : votre visite est fixée ; apportez votre carte d’assurance maladie.',
      })
    },
  )

  test('somebody telephones whom no channel reaches', long, async () => {
    const bench = benchOf()
    await bench.begin('referral-intake')
    await bench.choose('outreach')
    const form = bench.form()
    await form.getByText('Add a fallback').click()
    await form.getByLabel('Fallback 1: who').selectOption({ label: 'Care coordinator' })
    await bench.scenario(
      `${referred()}${booked}  - at: +3 days\n    record: {resourceType: Appointment, id: a1, status: noshow, basedOn: [{reference: ServiceRequest/r1}], participant: [{status: accepted}]}\n  - undeliverable: outreach\n    expect: {stage: outreach}\n  - complete: outreach\n  - complete: outreach-call\n    with: close\n`,
      {
        byHand: (source) =>
          source.replace('  - complete: outreach-call\n', '  - complete: outreach\n  - complete: outreach-call\n'),
      },
    )
    await bench.publish('Nobody who missed a visit is left without word')
  })

  test('a branch is added on an answer of a form', long, async () => {
    const bench = benchOf()
    const { page } = bench
    await bench.adopt('post-discharge')
    await bench.choose('assess')
    const form = bench.form()
    await form.getByText('Add a rule').click()
    const rule = form.getByRole('group', { name: 'Rule 3: if' })
    await rule.getByLabel('Rule 3: if: variable').selectOption('worry')
    await rule.getByLabel('Rule 3: if: comparison').selectOption({ label: 'is at least' })
    await rule.getByLabel('Rule 3: if: value').fill('5')
    await form.getByLabel('then the answer is').nth(2).fill('worried')
    await page.getByRole('button', { name: 'Add a step', exact: true }).click()
    await bench.fillAdd('task', { en: 'Call again tomorrow', fr: 'Rappeler demain' })
    await form.getByLabel('Which end of “Is the patient getting worse?”').selectOption('worried')
    await form.getByText('Tell somebody').click()
    const answers =
      '{item: [{linkId: breathless, answer: [{valueBoolean: false}]}, {linkId: medicines, answer: [{valueBoolean: true}]}, {linkId: worry, answer: [{valueInteger: 6}]}]}'
    await bench.scenario(
      `  - at: 2026-03-02 09:00\n    record: {resourceType: Encounter, id: e1, status: finished, class: {code: IMP}, subject: {reference: Patient/p1}}\n  - complete: first-check\n    saying: ${answers}\n    expect: {open: [call-again-tomorrow, weekly-check], variables: {worry: 6}}\n`,
    )
    await bench.publish('Worried people are called again')
  })

  test('an answer of a form is kept and used', long, async () => {
    const bench = benchOf()
    const { page } = bench
    await bench.begin('post-discharge')
    await bench.choose('first-check')
    const form = bench.form()
    // What the form asks is there to be kept by its own words.
    await form.getByRole('button', { name: 'Remove worry' }).click()
    await form.getByLabel('Keep the answer to…').selectOption('worry')
    await form.getByLabel('Where worry comes from').waitFor(patient)
    expect(await form.getByLabel('Where worry comes from').inputValue()).toContain("linkId = 'worry'")
    await bench.choose('see-today')
    const only = form.getByRole('group', { name: 'Only if' })
    await only.getByText('Add a condition').click()
    await only.getByLabel('Only if: variable').selectOption('worry')
    await only.getByLabel('Only if: comparison').selectOption({ label: 'is above' })
    await only.getByLabel('Only if: value').fill('2')
    const answers = (worry: number) =>
      `{item: [{linkId: breathless, answer: [{valueBoolean: true}]}, {linkId: medicines, answer: [{valueBoolean: true}]}, {linkId: worry, answer: [{valueInteger: ${worry}}]}]}`
    const left =
      '  - at: 2026-03-02 09:00\n    record: {resourceType: Encounter, id: e1, status: finished, class: {code: IMP}, subject: {reference: Patient/p1}}\n'
    await bench.scenario(
      `${left}  - complete: first-check\n    saying: ${answers(1)}\n    expect: {open: [weekly-check]}\n`,
    )
    await page.getByTestId('scenarios').waitFor(patient)
    await bench.publish('Only those who worry are seen the same day')
  })

  test('a question is added to a form from inside the designer, and patients part by its answer', long, async () => {
    const bench = benchOf()
    const { page, reviewer } = bench
    await bench.begin('post-discharge')
    await bench.choose('first-check')
    const form = bench.form()
    await form.getByRole('button', { name: 'Edit the questions' }).click()
    const dialog = page.getByRole('dialog', { name: 'Edit the questions' })
    await dialog.getByRole('button', { name: 'Add a question' }).click(patient)
    const question = dialog.getByRole('region', { name: 'The question' })
    await question.getByLabel('What is asked (English)').fill('Who is at home with you?')
    await question.getByLabel('What is asked (French)').fill('Qui est à la maison avec vous ?')
    await question.getByLabel('Kind of answer').selectOption('choice')
    for (const [index, [en, fr]] of [
      ['Somebody', 'Quelqu’un'],
      ['Nobody', 'Personne'],
    ].entries()) {
      await question.getByRole('button', { name: 'Add a choice' }).click()
      await question.getByLabel(`English ${index + 1}`, { exact: true }).fill(en ?? '')
      await question.getByLabel(`French ${index + 1}`, { exact: true }).fill(fr ?? '')
    }
    const linkId = await question.getByLabel('Name', { exact: true }).inputValue()
    await picture(page, 'designer-form')
    await dialog.getByRole('button', { name: 'Back to the pathway' }).click()
    await dialog.waitFor({ state: 'detached', ...patient })
    // The step names the new version, which is a draft until the pathway goes live.
    expect(await form.getByLabel('Form', { exact: true }).inputValue()).toMatch(/\|2$/)
    await form.getByText('This version of the form is a draft.').waitFor(patient)
    await form.getByLabel('Part by the answer to…').selectOption({ label: 'Who is at home with you?' })
    await form.getByRole('heading', { name: 'Who is at home with you?' }).waitFor(patient)
    // What may be answered is there to be chosen, by its own words.
    await form.getByLabel('Rule 2: if: value').selectOption({ label: 'Nobody' })
    const [, alone = ''] = await form
      .getByLabel('then the answer is')
      .evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value))
    await page.getByRole('button', { name: 'Add a step', exact: true }).click()
    await bench.fillAdd('task', { en: 'Visit who is alone', fr: 'Visiter qui est seul' })
    await form.getByLabel('Which end of “Who is at home with you?”').selectOption(alone)
    await form.getByText('Tell somebody').click()
    const answers = `{item: [{linkId: breathless, answer: [{valueBoolean: false}]}, {linkId: medicines, answer: [{valueBoolean: true}]}, {linkId: worry, answer: [{valueInteger: 1}]}, {linkId: '${linkId}', answer: [{valueCoding: {code: nobody}}]}]}`
    await bench.scenario(
      `  - at: 2026-03-02 09:00\n    record: {resourceType: Encounter, id: e1, status: finished, class: {code: IMP}, subject: {reference: Patient/p1}}\n  - complete: first-check\n    saying: ${answers}\n    expect: {open: [visit-who-is-alone, weekly-check]}\n`,
    )
    await bench.publish('Nobody is left alone without a visit')
    await reviewer.goto('/forms')
    const row = reviewer.getByRole('row').filter({ hasText: 'post-discharge-check' })
    await row.getByText('in use').waitFor(patient)
    expect(await row.locator('.version-link').allInnerTexts()).toEqual(['2 in use', '1 retired'])
  })
}
