import { beforeAll, expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { referral, useHouse } from '../../testkit/house.ts'
import { scenariosOf } from '../pathways/index.ts'

const house = useHouse()
const door = useDoor(house)
const id = 'referral-intake'

let lead = ''
let director = ''
beforeAll(async () => {
  lead = await door.signIn('lead@alpha.example')
  director = await door.signIn('director@alpha.example')
})

interface Answer {
  status: number
  body: Record<string, unknown>
}
const refused = ({ status, body }: Answer) => {
  const { code, faults } = body['error'] as { code: string; faults: { path: string; message: string }[] }
  return { status, code, paths: faults.map(({ path }) => path) }
}
const post = (cookie: string, path: string, body: unknown = {}) => door.call(cookie, 'POST', path, body)
const get = async (path: string) => (await door.call(lead, 'GET', path)).body
interface Draft {
  id: string
  revision: number
  source: string
  status: string
  basedOn: number | null
  may: Record<string, unknown>
}
const begin = async (cookie: string, body: unknown = { pathway: id }) => {
  const answer = await post(cookie, '/api/drafts', body)
  expect(answer.status).toBe(201)
  return answer.body as unknown as Draft
}
const save = async (cookie: string, draft: Draft, source: string) => {
  const answer = await door.call(cookie, 'PUT', `/api/drafts/${draft.id}`, { revision: draft.revision, source })
  expect(answer.status).toBe(200)
  return { ...draft, source, revision: Number(answer.body['revision']) }
}
const note = 'Two days were too long'
const seen = ({ revision }: Draft) => ({ revision })
const path = (draft: Draft, act: string) => `/api/drafts/${draft.id}/${act}`
/** A draft by `writer` whose triage title says `word`, approved by `other`. */
const approved = async (writer: string, other: string, word: string) => {
  const begun = await begin(writer)
  const draft = await save(writer, begun, begun.source.replace(/title: \{en: [^,]*/, `title: {en: ${word}`))
  expect((await post(writer, path(draft, 'ask'), { ...seen(draft), note })).status).toBe(200)
  expect((await post(other, path(draft, 'approve'), seen(draft))).status).toBe(200)
  return draft
}
const live = async () => {
  const { items } = (await get('/api/pathways')) as {
    items: {
      id: string
      activeVersion: number
      clinics: unknown[]
      versions: { version: number; status: string; note: string; running: number }[]
    }[]
  }
  const one = items.find((item) => item.id === id)
  if (!one) throw new Error('it is published')
  return one
}

test('a draft goes through review and live by two people, and each wrong combination is refused by its own code', async () => {
  const begun = await begin(lead)
  expect(begun).toMatchObject({ status: 'draft', basedOn: 1, revision: 1 })
  expect(refused(await post(lead, path(begun, 'ask'), { revision: 1, note }))).toMatchObject({
    code: 'draft-unchanged',
  })
  const draft = await save(lead, begun, begun.source.replace(/title: \{en: [^,]*/, 'title: {en: Referrals'))

  expect(refused(await post(director, path(draft, 'approve'), seen(draft))).code).toBe('draft-not-in-review')
  expect(refused(await post(director, path(draft, 'publish'), seen(draft))).code).toBe('draft-not-approved')
  expect(refused(await post(lead, path(draft, 'ask'), { ...seen(draft), note: ' ' })).status).toBe(400)
  expect(refused(await post(lead, path(draft, 'ask'), { revision: 1, note }))).toEqual({
    status: 409,
    code: 'stale-draft',
    paths: ['revision'],
  })
  const asked = await post(lead, path(draft, 'ask'), { ...seen(draft), note })
  expect(asked.body).toMatchObject({ status: 'in-review', may: { approve: 'approves-own-text', save: 'draft-frozen' } })
  const late = await door.call(lead, 'PUT', `/api/drafts/${draft.id}`, { ...seen(draft), source: 'x' })
  expect(refused(late).code).toBe('draft-frozen')
  expect(refused(await post(lead, path(draft, 'approve'), seen(draft)))).toMatchObject({
    status: 403,
    code: 'approves-own-text',
  })
  expect(refused(await post(director, path(draft, 'publish'), seen(draft))).code).toBe('draft-not-approved')
  expect((await post(director, path(draft, 'approve'), seen(draft))).body).toMatchObject({ status: 'approved' })
  expect(refused(await post(lead, path(draft, 'publish'), seen(draft)))).toMatchObject({
    status: 403,
    code: 'publishes-own-text',
  })
  expect(await live()).toMatchObject({ activeVersion: 1 })
  const put = await post(director, path(draft, 'publish'), seen(draft))
  expect(put).toMatchObject({ status: 201, body: { pathway: id, version: 2 } })
  expect(await live()).toMatchObject({
    activeVersion: 2,
    versions: [
      {
        version: 2,
        status: 'active',
        note,
        by: 'director of alpha',
        writers: [{ name: 'lead of alpha' }],
        approved: { by: { name: 'director of alpha' } },
      },
      { version: 1, status: 'retired' },
    ],
  })
  expect(refused(await post(director, path(draft, 'publish'), seen(draft))).code).toBe('draft-not-approved')
})

test('whoever asks for the review signs for it: they do not approve, even where somebody else wrote last', async () => {
  const begun = await begin(lead)
  const draft = await save(director, begun, `${begun.source}\n# by the director\n`)
  expect((await post(lead, path(draft, 'ask'), { ...seen(draft), note })).status).toBe(200)
  expect(refused(await post(lead, path(draft, 'approve'), seen(draft))).code).toBe('approves-own-request')
  expect(refused(await post(director, path(draft, 'approve'), seen(draft))).code).toBe('approves-own-text')
  const back = await post(director, path(draft, 'send-back'), { note: 'Say why' })
  expect(back.body).toMatchObject({ status: 'draft', asked: null })
  const { items } = (await get(`/api/pathways/${id}/history`)) as { items: { act: string; note: string }[] }
  expect(items.slice(0, 3).map(({ act, note: said }) => [act, said])).toEqual([
    ['sent-back', 'Say why'],
    ['asked', note],
    ['begun', ''],
  ])
  expect((await post(lead, path(draft, 'discard'))).body).toMatchObject({ status: 'discarded' })
})

test('a draft is compared with the version it was begun from, in sentences and in one picture', async () => {
  const begun = await begin(lead)
  const draft = await save(lead, begun, begun.source.replace('2 business days', '1 business days'))
  expect(await get(`/api/pathways/${id}/compare?from=${begun.basedOn}&to=${draft.id}`)).toMatchObject({
    before: begun.source,
    after: draft.source,
    changes: [
      { kind: 'changed', sentence: { en: expect.stringContaining('1 business day instead of 2 business days') } },
    ],
  })
  await save(lead, draft, 'pathway: [')
  const broken = await door.call(lead, 'GET', `/api/pathways/${id}/compare?from=1&to=${draft.id}`)
  expect(refused(broken)).toMatchObject({ status: 422, code: 'pathway-refused' })
})

test('rights are three: who may only write cannot approve, and a program cannot answer for a pathway', async () => {
  const nurse = await door.signIn('nurse@alpha.example')
  expect(refused(await post(nurse, '/api/drafts', { pathway: id })).code).toBe('forbidden')
  const draft = await begin(lead)
  expect(refused(await post(nurse, path(draft, 'approve'), seen(draft))).code).toBe('forbidden')
  expect(refused(await post(nurse, path(draft, 'publish'), seen(draft))).code).toBe('forbidden')
})

test('a stale save is refused with whose change it was; both texts are still there; another part is saved all the same', async () => {
  const draft = await begin(lead)
  const theirs = `${draft.source}\n# the director’s\n`
  await save(director, draft, theirs)
  const mine = await door.call(lead, 'PUT', `/api/drafts/${draft.id}`, {
    ...seen(draft),
    source: `${draft.source}\n# mine\n`,
  })
  expect(refused(mine)).toEqual({ status: 409, code: 'stale-draft', paths: ['source'] })
  expect(JSON.stringify(mine.body)).toContain('changed by director of alpha')
  expect(await get(`/api/drafts/${draft.id}`)).toMatchObject({
    source: theirs,
    revision: 2,
    parts: { source: { revision: 2, by: { name: 'director of alpha' } } },
  })
  const scenarios = scenariosOf(house.library, id)
  const other = await door.call(lead, 'PUT', `/api/drafts/${draft.id}`, { ...seen(draft), scenarios })
  expect(other).toMatchObject({ status: 200, body: { revision: 3 } })
  const again = await door.call(lead, 'PUT', `/api/drafts/${draft.id}`, { ...seen(draft), scenarios })
  expect(again).toMatchObject({ status: 200, body: { revision: 3 } })
})

test('two saves at once: one is stored and one is stale', async () => {
  const draft = await begin(lead)
  const both = await Promise.all(
    [lead, director].map((cookie) =>
      door.call(cookie, 'PUT', `/api/drafts/${draft.id}`, { revision: 1, source: `${draft.source}\n# ${cookie}\n` }),
    ),
  )
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409])
})

test('a scenario that fails keeps a draft from review, and says which and where', async () => {
  const begun = await begin(lead)
  const source = `scenario: nobody triages
pathway: ${id}
lines:
  - at: 2026-03-02 09:00
    record: {resourceType: ServiceRequest, id: r1, status: active, intent: order, category: [{coding: [{code: '3457005'}]}], subject: {reference: Patient/p1}}
    expect: {stage: nowhere}
`
  const put = (scenarios: unknown, revision: number) =>
    door.call(lead, 'PUT', `/api/drafts/${begun.id}`, { revision, scenarios })
  await put([{ name: 'odd', source }], 1)
  expect(refused(await post(lead, path(begun, 'ask'), { revision: 2, note }))).toEqual({
    status: 422,
    code: 'scenario-failed',
    paths: ['scenarios.odd.lines.0.expect.stage'],
  })
  await put([{ name: 'odd', source: source.replace('stage: nowhere', 'status: completed') }], 2)
  expect(refused(await post(lead, path(begun, 'ask'), { revision: 3, note })).paths).toEqual([
    'scenarios.odd.lines.1.status',
  ])
  await put(scenariosOf(house.library, id), 3)
  expect(await get(`/api/drafts/${begun.id}/examination`)).toMatchObject({
    refusals: [],
    report: { ok: true, missing: [] },
  })
  expect((await post(lead, path(begun, 'ask'), { revision: 4, note })).status).toBe(200)
})

test('a draft that was begun before another version went live does not undo that unknowingly', async () => {
  const old = await begin(lead)
  const other = await approved(director, lead, 'Newer')
  expect((await post(lead, path(other, 'publish'), seen(other))).status).toBe(201)
  const draft = await save(lead, old, `${old.source}\n# older\n`)
  expect(refused(await post(lead, path(draft, 'ask'), { ...seen(draft), note })).code).toBe('draft-outdated')
  const newest = (await live()).activeVersion
  const rebased = await door.call(lead, 'PUT', `/api/drafts/${draft.id}`, { ...seen(draft), basedOn: newest })
  expect(rebased.status).toBe(200)
  const ask = { revision: Number(rebased.body['revision']), note }
  expect((await post(lead, path(draft, 'ask'), ask)).status).toBe(200)
})

test('a roll-back makes a new version by two people; in an emergency by one, flagged until another seconds it', async () => {
  const before = await live()
  const first = (await get(`/api/pathways/${id}/versions/1`))['source']
  const asked = await post(lead, `/api/pathways/${id}/roll-back`, { version: 1, note: 'As it was' })
  expect(asked).toMatchObject({ status: 201, body: { version: null } })
  const draft = (await get(`/api/drafts/${String(asked.body['draft'])}`)) as unknown as Draft
  expect(draft).toMatchObject({ status: 'in-review', source: first, restores: 1 })
  expect(refused(await post(lead, path(draft, 'approve'), seen(draft))).code).toBe('approves-own-text')
  await post(director, path(draft, 'approve'), seen(draft))
  expect((await post(director, path(draft, 'publish'), seen(draft))).body['version']).toBe(before.activeVersion + 1)

  const emergency = { version: 2, note: 'Wrong queue', emergency: 'Patients are turned away' }
  const at = await post(lead, `/api/pathways/${id}/roll-back`, emergency)
  const version = before.activeVersion + 2
  expect(at).toMatchObject({ status: 201, body: { draft: null, version } })
  expect((await live()).versions[0]).toMatchObject({
    version,
    restores: 2,
    emergency: emergency.emergency,
    seconded: null,
  })
  const second = `/api/pathways/${id}/versions/${version}/second`
  expect(refused(await post(lead, second, { note }))).toMatchObject({ status: 403, code: 'seconds-own-act' })
  expect((await post(director, second, { note: 'Right' })).status).toBe(204)
  expect(refused(await post(director, second, { note })).code).toBe('nothing-to-second')
  expect((await live()).versions[0]).toMatchObject({ seconded: { by: { name: 'director of alpha' } } })
})

test('a version is live for one clinic only: journeys begin there under it, and elsewhere under the other', async () => {
  const elsewhere = (await live()).activeVersion
  await house.database.transaction(house.alpha, (tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: { resourceType: 'Organization', id: 'north', name: 'North' } },
      {
        interaction: 'update',
        resource: { resourceType: 'Location', id: 'ward', managingOrganization: { reference: 'Organization/north' } },
      },
      {
        interaction: 'update',
        resource: {
          resourceType: 'Patient',
          id: 'home-patient',
          managingOrganization: { reference: 'Organization/north' },
        },
      },
    ]),
  )
  const draft = await approved(lead, director, 'Piloted')
  const publish = (clinics: string[]) => post(director, path(draft, 'publish'), { ...seen(draft), clinics })
  expect(refused(await publish(['Organization/nowhere']))).toMatchObject({
    code: 'clinic-not-found',
    paths: ['clinics'],
  })
  const { body } = await publish(['Organization/north'])
  const piloted = Number(body['version'])
  expect(await live()).toMatchObject({
    activeVersion: elsewhere,
    clinics: [{ clinic: 'Organization/north', version: piloted }],
  })
  const refer = async (name: string, more = {}) => {
    await door.fhir('PUT', `/fhir/Patient/${name}-patient`, {
      resourceType: 'Patient',
      id: `${name}-patient`,
      ...(name.startsWith('home') ? { managingOrganization: { reference: 'Organization/north' } } : {}),
    })
    await door.fhir('PUT', `/fhir/ServiceRequest/${name}`, referral(name, more))
    await house.settle()
    const [row] = await house.db.asSuperuser<{ version: number }>(
      'select version from throughline.journey where pathway = $1 and key = $2',
      [id, name],
    )
    return row?.version
  }
  expect(await refer('plain')).toBe(elsewhere)
  expect(await refer('by-place', { locationReference: [{ reference: 'Location/ward' }] })).toBe(piloted)
  expect(await refer('by-performer', { performer: [{ reference: 'Organization/north' }] })).toBe(piloted)
  expect(await refer('home')).toBe(piloted)

  const back = await post(director, `/api/pathways/${id}/retire`, { note: 'Enough', clinics: ['Organization/north'] })
  expect(back.status).toBe(204)
  expect(await refer('home-later')).toBe(elsewhere)
  expect((await live()).versions.find(({ version }) => version === piloted)).toMatchObject({
    status: 'retired',
    running: 3,
  })
})

test('what was piloted is widened without another review, but not by its last writer; a retired pathway enrols nobody', async () => {
  const draft = await approved(lead, director, 'Widened')
  const { body } = await post(director, path(draft, 'publish'), { ...seen(draft), clinics: ['Organization/north'] })
  const version = Number(body['version'])
  const widen = `/api/pathways/${id}/versions/${version}/live`
  expect(refused(await post(lead, widen, { note })).code).toBe('publishes-own-text')
  expect((await post(director, widen, { note })).status).toBe(200)
  expect(await live()).toMatchObject({ activeVersion: version, clinics: [] })
  expect((await post(director, `/api/pathways/${id}/retire`, { note: 'Over' })).status).toBe(204)
  expect(await live()).toMatchObject({ activeVersion: 0 })
  expect(refused(await post(director, `/api/pathways/${id}/retire`, { note: 'Over' })).code).toBe('not-live')
  await door.fhir('PUT', '/fhir/ServiceRequest/too-late', referral('too-late'))
  await house.settle()
  expect(await house.db.asSuperuser('select from throughline.journey where key = $1', ['too-late'])).toEqual([])
})

test('every change of what is live is in the audit under the name of whoever made it', async () => {
  const rows = await house.db.asSuperuser<{ content: string }>(
    `select content from throughline.audit_event where content like '%"code":"pathway-live"%' and content like '%referral-intake/%' order by seq`,
  )
  const names = rows.map((row) => JSON.parse(row.content).agent[0].name)
  expect(names).toEqual(['Tester', ...(await expectedPublishers())])
})

/** Publishers as the pathway's own history names them, the oldest first, without the program's own. */
async function expectedPublishers(): Promise<string[]> {
  const { items } = (await get(`/api/pathways/${id}/history`)) as {
    items: { act: string; version: number | null; by: { name: string } }[]
  }
  return items
    .filter(({ act, version }) => ['published', 'rolled-back', 'seconded'].includes(act) && version !== null)
    .map(({ by }) => by.name)
    .toReversed()
    .slice(1)
}

test('a pathway of the catalogue is taken up as a draft with its scenarios', async () => {
  const { items } = (await get('/api/pathways/catalogue')) as {
    items: { id: string; takenUp: boolean; scenarios: number }[]
  }
  expect(items.find((one) => one.id === 'diabetes-recall')).toMatchObject({ takenUp: false, scenarios: 6 })
  const draft = await begin(lead, { catalogue: 'diabetes-recall' })
  expect(draft).toMatchObject({ basedOn: null, scenarios: { length: 6 } })
  expect(await post(lead, path(draft, 'ask'), { revision: 1, note: 'Taken up' })).toMatchObject({ status: 200 })
  await post(director, path(draft, 'approve'), { revision: 1 })
  expect((await post(director, path(draft, 'publish'), { revision: 1 })).body).toEqual({
    pathway: 'diabetes-recall',
    version: 1,
  })
  expect(refused(await post(lead, '/api/drafts', { catalogue: 'diabetes-recall' })).code).toBe('draft-exists')
})

test('a message’s own texts are published with the version, and its journeys send them', async () => {
  const { source } = await begin(lead, { source: messaging })
  expect(source).toBe(messaging)
  const draft = await begin(lead, { source: messaging })
  const said = (text: string) => ({ en: text, fr: text })
  const template = { template: 'reminder', subject: said('Reminder'), body: said('Come in'), sms: said('Come in') }
  const put = (templates: unknown[], revision: number) =>
    door.call(lead, 'PUT', `/api/drafts/${draft.id}`, { revision, templates })
  await put([{ ...template, subject: said('For {{patient.given}}') }], 1)
  expect(refused(await post(lead, path(draft, 'ask'), { revision: 2, note })).paths).toContain(
    'templates.reminder.subject.en',
  )
  await put([template], 2)
  await post(lead, path(draft, 'ask'), { revision: 3, note })
  await post(director, path(draft, 'approve'), { revision: 3 })
  expect((await post(director, path(draft, 'publish'), { revision: 3 })).status).toBe(201)
  await door.fhir('PUT', '/fhir/Patient/told', {
    resourceType: 'Patient',
    id: 'told',
    telecom: [{ system: 'sms', value: '555-0009' }],
  })
  await door.fhir('PUT', '/fhir/Flag/f1', {
    resourceType: 'Flag',
    id: 'f1',
    status: 'active',
    code: { text: 'Due' },
    subject: { reference: 'Patient/told' },
  })
  await house.settle()
  const sent = await door.fhir('GET', '/fhir/Communication?subject=Patient/told')
  expect(JSON.stringify(sent.body)).toContain('Come in')
})

const messaging = `pathway: reminding
title: {en: Reminding, fr: Rappel}
owner: operations-lead
starts: [{on: Flag}]
stages: [{id: one, title: {en: One, fr: Un}}]
tracks:
  main:
    steps:
      tell: {stage: one, message: {to: patient, template: reminder, channels: [sms], fallback: [{phone: care-coordinator, due: 1 days}]}}
      over: {after: {any: [tell.sent, tell.failed]}, end: {outcome: told, title: {en: Told, fr: Informé}}}
`

test('a form that is still a draft is reviewed and goes live with the pathway that names its version; in review it stays as it is', async () => {
  const url = 'https://clinic.example/forms/before-the-call'
  const questionnaire = {
    resourceType: 'Questionnaire',
    language: 'en',
    url,
    status: 'draft',
    title: 'Before the call',
    item: [{ linkId: 'q1', type: 'boolean', text: 'Is it worse?' }],
  }
  const form = (await post(lead, '/api/forms', { questionnaire })).body as { id: string; stored: number }
  const shown = (await get('/api/design/surroundings')) as {
    forms: {
      url: string
      versions: { canonical: string; status: string; questions: { linkId: string; path: string }[] }[]
    }[]
  }
  expect(shown.forms.find((one) => one.url === url)?.versions).toMatchObject([
    {
      canonical: `${url}|1`,
      status: 'draft',
      questions: [{ linkId: 'q1', path: 'item', type: 'boolean', options: [] }],
    },
  ])
  const begun = await begin(lead)
  const step = `      ask-before:
        form: {questionnaire: '${url}|1', title: {en: Ask, fr: Demander}, role: triage-nurse, due: 1 days}
      `
  const draft = await save(lead, begun, begun.source.replace(/      (?=triage:\n)/, step))
  expect(draft.source).toContain('ask-before')
  expect(await get(`/api/drafts/${draft.id}/examination`)).toMatchObject({
    forms: [{ id: form.id, canonical: `${url}|1`, title: { en: 'Before the call' } }],
    refusals: [],
  })
  expect((await post(lead, path(draft, 'ask'), { ...seen(draft), note })).status).toBe(200)
  const keep = { questionnaire: { ...questionnaire, title: 'Otherwise' }, stored: form.stored }
  const late = await door.call(lead, 'PUT', `/api/forms/${form.id}`, keep)
  expect(refused(late)).toEqual({ status: 409, code: 'form-in-review', paths: ['status'] })
  expect((await post(director, path(draft, 'approve'), seen(draft))).status).toBe(200)
  expect(await get(`/api/forms/${form.id}`)).toMatchObject({ status: 'draft' })
  expect((await post(director, path(draft, 'publish'), seen(draft))).status).toBe(201)
  expect(await get(`/api/forms/${form.id}`)).toMatchObject({
    status: 'active',
    questionnaire: { title: 'Before the call' },
  })
})
