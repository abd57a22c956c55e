import type { Questionnaire, QuestionnaireResponse, Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'

const house = useHouse()
const door = useDoor(house)
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)
const read = (reference: string) => inAlpha((tx) => house.record.read(tx, reference))
const form = 'https://throughline.example/forms/post-discharge-check'
const answer = (linkId: string, value: object) => ({ linkId, answer: [value] })
const whole = [
  answer('breathless', { valueBoolean: true }),
  answer('medicines', { valueBoolean: true }),
  answer('worry', { valueInteger: 3 }),
]
const code = (said: { body: Record<string, unknown> }) => (said.body['error'] as { code?: string } | undefined)?.code
const paths = (said: { body: Record<string, unknown> }) =>
  (said.body['error'] as { faults: { path: string }[] }).faults.map(({ path }) => path)

/** A discharge, and the Task of its first call. */
async function discharged(id: string): Promise<string> {
  await inAlpha(async (tx) => {
    const { forms, catalogue } = house.library
    if (!(await house.record.read(tx, `Questionnaire/${forms[0]?.id}`)))
      await house.record.write(
        tx,
        house.as({ kind: 'system', id: 'furnisher' }),
        forms.map((resource) => ({ interaction: 'create', resource })),
      )
    const source = catalogue.find(({ file }) => file.includes('post-discharge'))?.source ?? ''
    await house.pathways.publish(tx, house.context, source, 'Taken up')
    await house.record.write(tx, house.context, [
      { interaction: 'update', resource: { resourceType: 'Patient', id: `${id}-patient`, birthDate: '1950-01-01' } },
      {
        interaction: 'update',
        resource: {
          resourceType: 'Encounter',
          id,
          status: 'finished',
          class: { code: 'IMP' },
          subject: { reference: `Patient/${id}-patient` },
        },
      },
    ])
  })
  await house.settle()
  const [row] = await inAlpha((tx) =>
    tx.query<{ id: string }>({
      text: 'select id from journey where tenant_id = $1 and key = $2',
      values: [tx.tenant, id],
    }),
  )
  return `${row?.id}.1`
}

const stateOf = async (task: string) => {
  const [row] = await inAlpha((tx) =>
    tx.query<{ state: string }>({
      text: 'select state from journey where tenant_id = $1 and id = $2',
      values: [tx.tenant, task.replace(/\.\d+$/, '')],
    }),
  )
  const state: { open: object; variables: Record<string, { value: unknown }> } = JSON.parse(row?.state ?? '{}')
  return { open: Object.keys(state.open).toSorted(), worry: state.variables['worry']?.value }
}

test('a nurse takes the call, keeps a draft, sends it in, and the journey goes on by the answers', async () => {
  const task = await discharged('h1')
  const lead = await door.signIn('lead@alpha.example')
  const at = `/api/work/${task}/form`
  const begun = await door.call(lead, 'GET', at)
  expect(begun.body).toMatchObject({
    canonical: `${form}|1`,
    status: 'not-begun',
    items: null,
    stored: null,
    launch: { patient: { birthDate: '1950-01-01' } },
  })
  expect(code(await door.call(lead, 'PUT', at, { items: [], seen: null }))).toBe('task-not-taken')
  await door.call(lead, 'POST', `/api/work/${task}/claim`, {})
  const kept = await door.call(lead, 'PUT', at, { items: whole.slice(0, 1), seen: null })
  expect(kept.body).toEqual({ stored: 1 })
  // Somebody at another desk who has not seen that draft does not write over it.
  expect(code(await door.call(lead, 'PUT', at, { items: [], seen: null }))).toBe('form-changed')
  const missing = await door.call(lead, 'POST', `${at}/submit`, { items: whole.slice(0, 2), seen: 1 })
  expect([missing.status, code(missing), paths(missing)]).toEqual([
    422,
    'answers-refused',
    [`QuestionnaireResponse.item.where(linkId='worry')`],
  ])
  expect(await read(`QuestionnaireResponse/${task}`)).toMatchObject({ status: 'in-progress', meta: { versionId: '1' } })
  const sent = await door.call(lead, 'POST', `${at}/submit`, { items: whole, seen: 1 })
  expect(sent.body).toMatchObject({ status: 'completed' })
  expect(await read(`QuestionnaireResponse/${task}`)).toMatchObject({
    status: 'completed',
    questionnaire: `${form}|1`,
    subject: { reference: 'Patient/h1-patient' },
  })
  expect((await read(`Task/${task}`)) as Task).toMatchObject({
    output: [{ valueReference: { reference: `QuestionnaireResponse/${task}` } }],
  })
  await house.settle()
  expect(await stateOf(task)).toEqual({ open: ['see-today', 'weekly-check'], worry: 3 })
})

test('answers that were sent in are corrected with a reason; the journey has gone on', async () => {
  const task = await discharged('h2')
  const lead = await door.signIn('lead@alpha.example')
  const at = `/api/work/${task}/form`
  await door.call(lead, 'POST', `/api/work/${task}/claim`, {})
  await door.call(lead, 'POST', `${at}/submit`, { items: whole, seen: null })
  await house.settle()
  const items = [...whole.slice(0, 2), answer('worry', { valueInteger: 9 })]
  expect((await door.call(lead, 'POST', `${at}/amend`, { items, seen: 1 })).status).toBe(400)
  const amended = await door.call(lead, 'POST', `${at}/amend`, { items, seen: 1, reason: 'Typed the wrong number' })
  expect(amended.body).toMatchObject({ comments: [{ text: 'Typed the wrong number' }] })
  await house.settle()
  const response = (await read(`QuestionnaireResponse/${task}`)) as QuestionnaireResponse
  expect([response.status, response.item?.[2]?.answer]).toEqual(['amended', [{ valueInteger: 9 }]])
  expect(await stateOf(task)).toMatchObject({ worry: 3 })
})

test('a form’s task is not done without answers; who cannot get them says why, and the journey knows', async () => {
  const task = await discharged('h3')
  const lead = await door.signIn('lead@alpha.example')
  await door.call(lead, 'POST', `/api/work/${task}/claim`, {})
  expect(code(await door.call(lead, 'POST', `/api/work/${task}/complete`, {}))).toBe('answers-needed')
  const given = await door.call(lead, 'POST', `/api/work/${task}/give-up`, { reason: 'Does not want to be called' })
  expect(given.body).toMatchObject({ status: 'failed', statusReason: 'Does not want to be called' })
  await house.settle()
  expect((await stateOf(task)).open).not.toContain('first-check')
})

test('answers to one task answer no other that asks for the same form', async () => {
  const [one, other] = [await discharged('h4'), await discharged('h5')]
  const response = (id: string, more: object): QuestionnaireResponse & { id: string } => ({
    resourceType: 'QuestionnaireResponse',
    id,
    status: 'completed',
    questionnaire: form,
    item: whole,
    ...more,
  })
  const identifier = { system: 'urn:throughline:task', value: one }
  const subject = { reference: 'Patient/h5-patient' }
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'create', resource: response('mine', { identifier, subject }) },
    ]),
  )
  await house.settle()
  expect((await stateOf(other)).open).toEqual(['first-check'])
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [{ interaction: 'create', resource: response('theirs', { subject }) }]),
  )
  await house.settle()
  expect((await stateOf(other)).open).not.toContain('first-check')
})

test('a FHIR client’s answers are held to the form too, with the place of the fault', async () => {
  await discharged('h6')
  const refused = await door.fhir('POST', '/fhir/QuestionnaireResponse', {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    questionnaire: `${form}|1`,
    subject: { reference: 'Patient/h6-patient' },
    item: [...whole.slice(0, 2), answer('worry', { valueInteger: 11 })],
  })
  expect(refused.body).toMatchObject({
    issue: [
      {
        code: 'invariant',
        details: { coding: [{ code: 'too-large' }] },
        expression: [`QuestionnaireResponse.item.where(linkId='worry').answer[0]`],
      },
    ],
  })
  const elsewhere = {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    questionnaire: 'http://x.example/q|3',
  }
  expect((await door.fhir('POST', '/fhir/QuestionnaireResponse', elsewhere)).status).toBe(201)
})

test('a form is drafted, checked, published, and never changes again; running drafts stay on their version', async () => {
  const task = await discharged('h7')
  const lead = await door.signIn('lead@alpha.example')
  await door.call(lead, 'POST', `/api/work/${task}/claim`, {})
  await door.call(lead, 'PUT', `/api/work/${task}/form`, { items: whole.slice(0, 1), seen: null })
  const first = (await read('Questionnaire/post-discharge-check')) as Questionnaire
  const { item = [], ...rest } = first
  const broken = { ...rest, item: [...item, { linkId: 'worry', type: 'string', text: 'Twice' }] }
  const drafted = await door.call(lead, 'POST', '/api/forms', { questionnaire: broken })
  expect(drafted.body).toMatchObject({
    version: '2',
    status: 'draft',
    findings: [{ code: 'link-id-twice' }, { code: 'one-language' }],
  })
  const at = `/api/forms/${String(drafted.body['id'])}`
  const director = await door.signIn('director@alpha.example')
  const refused = await door.call(director, 'POST', `${at}/publish`, { stored: 1 })
  expect([code(refused), paths(refused)]).toEqual(['form-refused', ['Questionnaire.item[3].linkId']])
  const better = {
    ...rest,
    item: [...item, { linkId: 'sleep', type: 'boolean', text: 'Do you sleep?', required: true }],
  }
  expect((await door.call(lead, 'PUT', at, { questionnaire: better, stored: 1 })).body).toMatchObject({ stored: 2 })
  expect(code(await door.call(lead, 'PUT', at, { questionnaire: better, stored: 1 }))).toBe('form-changed')
  expect((await door.call(director, 'POST', `${at}/publish`, { stored: 2 })).body).toMatchObject({ status: 'active' })
  expect(code(await door.call(lead, 'PUT', at, { questionnaire: better, stored: 3 }))).toBe('form-frozen')
  const { id: _id, meta: _meta, ...content } = first
  const changed = { ...content, id: first.id, title: 'Another' }
  expect((await door.fhir('PUT', `/fhir/Questionnaire/${first.id}`, changed)).status).toBe(409)
  const list = await door.call(lead, 'GET', '/api/forms')
  expect((list.body['items'] as { url: string }[]).find(({ url }) => url === form)).toMatchObject({
    versions: [
      { version: '2', status: 'active' },
      { version: '1', status: 'retired' },
    ],
    usedBy: [{ pathway: 'post-discharge' }],
  })
  // The draft began on version 1: the new question is not asked of it.
  expect((await door.call(lead, 'GET', `/api/work/${task}/form`)).body).toMatchObject({ canonical: `${form}|1` })
  expect((await door.call(lead, 'POST', `/api/work/${task}/form/submit`, { items: whole, seen: 1 })).status).toBe(200)
  const next = await discharged('h8')
  expect((await door.call(lead, 'GET', `/api/work/${next}/form`)).body).toMatchObject({ canonical: `${form}|2` })
})

test('whoever wrote last in a form does not publish it, by the editor or past it; another person does', async () => {
  const [lead, director] = [await door.signIn('lead@alpha.example'), await door.signIn('director@alpha.example')]
  const questionnaire = {
    resourceType: 'Questionnaire' as const,
    url: 'https://alpha.example/forms/sleep',
    status: 'draft' as const,
    title: 'Sleep',
    item: [{ linkId: 'sleep', type: 'boolean' as const, text: 'Do you sleep?' }],
  }
  const drafted = await door.call(lead, 'POST', '/api/forms', { questionnaire })
  const id = String(drafted.body['id'])
  const at = `/api/forms/${id}`
  const publish = (who: string, stored: number) => door.call(who, 'POST', `${at}/publish`, { stored })
  expect(drafted.body).toMatchObject({ publish: 'publishes-own-form', lastWriter: 'lead of alpha' })
  const own = await publish(lead, 1)
  expect([own.status, code(own), paths(own)]).toEqual([403, 'publishes-own-form', ['actor']])
  expect((await door.call(director, 'GET', at)).body).toMatchObject({ publish: true, lastWriter: 'lead of alpha' })

  // Who writes in it while reading has written last, and then the first may.
  await door.call(director, 'PUT', at, { questionnaire: { ...questionnaire, title: 'Sleep at night' }, stored: 1 })
  expect(code(await publish(director, 2))).toBe('publishes-own-form')
  expect((await door.call(lead, 'GET', at)).body).toMatchObject({ publish: true, lastWriter: 'director of alpha' })

  // Past the editor: nobody publishes what nobody is known to have written, says another wrote it, or begins a live form.
  const person = (account: string) => house.as({ kind: 'account', id: account, name: account })
  const write = (context: typeof house.context, resource: Questionnaire & { id: string }) =>
    inAlpha((tx) => house.record.write(tx, context, [{ interaction: 'update', resource }]))
  const stored = (await read(`Questionnaire/${id}`)) as Questionnaire & { id: string }
  await write(person('lead'), { ...stored, title: 'Sleep by day' })
  expect(code(await publish(lead, 3))).toBe('form-writer-unknown')
  const forged = JSON.parse(JSON.stringify(stored).replace('"valueInteger":2', '"valueInteger":4'))
  await expect(write(person('lead'), forged)).rejects.toMatchObject({ code: 'form-writer-false' })
  await expect(write(person('lead'), { ...stored, status: 'active' })).rejects.toMatchObject({ code: 'form-needs-two' })
  await expect(
    write(person('lead'), { ...questionnaire, id: 'straight', status: 'active', version: '9' }),
  ).rejects.toMatchObject({ code: 'form-needs-two' })

  await door.call(director, 'PUT', at, { questionnaire, stored: 3 })
  expect((await publish(lead, 4)).body).toMatchObject({ status: 'active', publish: 'form-frozen' })
})

test('a pathway may name a form that the clinic published itself, and no other', async () => {
  const source = (questionnaire: string) =>
    (house.library.catalogue.find(({ file }) => file.includes('post-discharge'))?.source ?? '').replaceAll(
      form,
      questionnaire,
    )
  const check = async (questionnaire: string) =>
    (await inAlpha((tx) => house.pathways.check(tx, { source: source(questionnaire) }))).findings
  expect(await check(`${form}|2`)).toEqual([])
  expect((await check(`${form}|9`)).map((finding) => finding.code)).toEqual(['unknown-form', 'unknown-form'])
})
