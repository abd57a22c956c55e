// The first two moves of the referral pathway as a program written by hand for nothing else: it takes changes, and writes
// the very rows that the runtime writes for them, one statement per table, with everything hard-coded. No definition,
// engine, expression, schema or general extraction. It is what the runtime is measured against.
import { hostname } from 'node:os'
import type { Tx } from '../src/db/index.ts'
import { type Clock, newId } from '../src/kernel/index.ts'

/** FNV-1a over the patient's reference, 64 buckets. */
function bucketOf(subject: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < subject.length; i += 1) hash = Math.imul(hash ^ subject.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % 64
}

interface Taken {
  event_id: string
  type: string
  id: string
  subject: string
  content: string
}

interface Line {
  journey: string
  line: number
  kind: string
  step: string | null
  n: number
  rule: string
  event: string
  data: string
}

interface Timer {
  journey: string
  timer: string
  bucket: number
  due: Date
}

interface Made {
  type: 'Task' | 'Appointment'
  id: string
  referral: string
  patient: string
  content: string
}

interface Item {
  id: string
  role: string
  due: Date
  patient: string
  journey: string
}

/** What a batch writes beside the journeys themselves. */
interface Output {
  lines: Line[]
  timers: Timer[]
  made: Made[]
  tokens: [type: string, param: string, value: string, id: string, system: string][]
  items: Item[]
}

const steps = {
  triage: {
    title: 'Triage the referral',
    titre: 'Trier la demande',
    descriptions: {
      en: 'Read the referral and decide whether and how soon the patient is seen.',
      fr: 'Lire la demande et décider si la personne sera vue, et dans quel délai.',
    },
    stage: 'triage',
    role: 'triage-nurse',
    outcomes: [
      ['accept', 'Accept', 'Accepter'],
      ['redirect', 'Redirect elsewhere', 'Diriger ailleurs'],
    ],
  },
  book: {
    title: 'Book the first visit',
    titre: 'Fixer la première visite',
    descriptions: undefined,
    stage: 'booking',
    role: 'access-coordinator',
    outcomes: [
      ['booked', 'Booked', 'Fixée'],
      ['unreachable', 'Patient cannot be reached', 'Personne injoignable'],
    ],
  },
} as const

function makeTask(
  out: Output,
  at: string,
  of: { step: 'triage' | 'book'; id: string; journey: string; trigger: string; subject: string; due: Date },
): void {
  const step = steps[of.step]
  const { id, journey, trigger, subject, due } = of
  const code = `referral-intake/${of.step}`
  const content = JSON.stringify({
    resourceType: 'Task',
    id,
    extension: [
      {
        url: 'urn:throughline:title',
        extension: [
          { url: 'en', valueString: step.title },
          { url: 'fr', valueString: step.titre },
        ],
      },
      ...(step.descriptions
        ? [
            {
              url: 'urn:throughline:description',
              extension: [
                { url: 'en', valueString: step.descriptions.en },
                { url: 'fr', valueString: step.descriptions.fr },
              ],
            },
          ]
        : []),
      ...step.outcomes.map(([outcome, en, fr]) => ({
        url: 'urn:throughline:outcome',
        extension: [
          { url: 'code', valueCode: outcome },
          { url: 'en', valueString: en },
          { url: 'fr', valueString: fr },
        ],
      })),
    ],
    groupIdentifier: { system: 'urn:throughline:journey', value: journey },
    status: 'requested',
    intent: 'order',
    priority: 'urgent',
    code: {
      coding: [
        { system: 'urn:throughline:step', code },
        { system: 'urn:throughline:service', code: 'specialist-referral' },
      ],
      text: step.title,
    },
    ...(step.descriptions ? { description: step.descriptions.en } : {}),
    businessStatus: { coding: [{ system: 'urn:throughline:stage', code: step.stage }] },
    focus: { reference: trigger },
    for: { reference: subject },
    authoredOn: at,
    lastModified: at,
    performerType: [{ coding: [{ system: 'urn:throughline:role', code: step.role }] }],
    restriction: { period: { end: due.toISOString() } },
    meta: { versionId: '1', lastUpdated: at },
  })
  out.made.push({ type: 'Task', id, referral: trigger.slice(15), patient: subject.slice(8), content })
  out.tokens.push(
    ['Task', 'business-status', step.stage, id, 'urn:throughline:stage'],
    ['Task', 'code', code, id, 'urn:throughline:step'],
    ['Task', 'code', 'specialist-referral', id, 'urn:throughline:service'],
    ['Task', 'code:text', step.title.toLowerCase(), id, ''],
    ['Task', 'group-identifier', journey, id, 'urn:throughline:journey'],
    ['Task', 'intent', 'order', id, ''],
    ['Task', 'performer', step.role, id, 'urn:throughline:role'],
    ['Task', 'priority', 'urgent', id, ''],
    ['Task', 'status', 'requested', id, ''],
  )
  out.items.push({ id, role: step.role, due, patient: subject, journey })
}

function makeAppointment(out: Output, at: string, of: { id: string; trigger: string; subject: string }): void {
  const { id, trigger, subject } = of
  const content = JSON.stringify({
    resourceType: 'Appointment',
    id,
    status: 'proposed',
    description: 'First visit',
    created: at,
    basedOn: [{ reference: trigger }],
    participant: [{ actor: { reference: subject }, status: 'needs-action' }],
    meta: { versionId: '1', lastUpdated: at },
  })
  out.made.push({ type: 'Appointment', id, referral: trigger.slice(15), patient: subject.slice(8), content })
  out.tokens.push(['Appointment', 'part-status', 'needs-action', id, ''], ['Appointment', 'status', 'proposed', id, ''])
}

interface State {
  status: string
  stage: string
  stageSince: number
  at: number
  subject: string
  trigger: string
  effects: number
  open: Record<string, unknown>
  past: Record<string, unknown>
  edges: Record<string, boolean>
  timers: Record<string, unknown>
  requests: Record<string, string>
}

/** Moves up to `most` changes of a tenant in one transaction; returns how many. `bookDue` is known beforehand. */
export async function moveByHand(tx: Tx, clock: Clock, most: number, bookDue: number): Promise<number> {
  const { tenant } = tx
  const taken = await tx.query<Taken>({
    name: 'hand-take',
    text: `
      with locked as (
        select bucket from journey_bucket b
        where tenant_id = $1 and exists (select from fhir_change c where c.tenant_id = $1 and c.bucket = b.bucket)
        limit 16 for update skip locked),
      wanted as (
        select c.bucket, c.seq from locked l cross join lateral (
          select bucket, seq from fhir_change where tenant_id = $1 and bucket = l.bucket order by seq limit $2) c
        order by c.seq limit $2),
      taken as (delete from fhir_change c using wanted w where c.tenant_id = $1 and c.bucket = w.bucket and c.seq = w.seq returning c.*)
      select t.event_id, t.type, t.id, t.subject, h.content from taken t
      join fhir_history h on h.tenant_id = $1 and h.type = t.type and h.id = t.id and h.version = t.version order by t.seq`,
    values: [tenant, most],
  })
  if (taken.length === 0) return 0
  const now = clock.now()
  const date = new Date(now)
  const at = date.toISOString()
  const out: Output = { lines: [], timers: [], made: [], tokens: [], items: [] }
  const referrals = taken.filter((one) => one.type === 'ServiceRequest')
  const tasks = taken.filter((one) => one.type === 'Task')
  await startJourneys(tx, clock, referrals, out, at)
  await acceptReferrals(tx, tasks, out, at, bookDue)
  await writeOut(tx, clock, out, date, at)
  return taken.length
}

async function startJourneys(tx: Tx, clock: Clock, referrals: readonly Taken[], out: Output, at: string) {
  if (referrals.length === 0) return
  const now = Date.parse(at)
  const due = now + 14_400_000
  const warn = now + 11_520_000
  const columns: unknown[][] = [[], [], [], [], []]
  for (const { event_id: event, subject, content } of referrals) {
    const referral: { id: string; priority: string; reasonCode?: unknown; requester?: unknown } = JSON.parse(content)
    const journey = newId(clock)
    const trigger = `ServiceRequest/${referral.id}`
    const task = `${journey}.1`
    const bucket = bucketOf(subject)
    const state = {
      journey,
      status: 'active',
      outcome: null,
      stage: 'triage',
      stageSince: now,
      at: now,
      key: referral.id,
      subject,
      trigger,
      priority: referral.priority,
      variables: {
        hasReason: { value: referral.reasonCode !== undefined, event },
        hasRequester: { value: referral.requester !== undefined, event },
      },
      effects: 1,
      tracks: ['intake'],
      open: { triage: { key: task, n: 1, since: now, due } },
      past: { completeness: { n: 1, outcome: 'complete' } },
      edges: { 'triage<0': true },
      timers: {
        'triage#1.0': { due: warn, step: 'triage', n: 1, does: 0 },
        'triage#1.1': { due, step: 'triage', n: 1, does: 1 },
      },
      requests: {},
    }
    for (const [index, value] of [journey, referral.id, subject, bucket, JSON.stringify(state)].entries())
      columns[index]?.push(value)
    const line = (n: number, kind: string, step: string | null, rule: string, data: object) =>
      out.lines.push({
        journey,
        line: n,
        kind,
        step,
        n: step === null ? 0 : 1,
        rule,
        event,
        data: JSON.stringify(data),
      })
    line(1, 'started', null, 'starts.0', { trigger, version: 1 })
    line(2, 'stage', 'completeness', 'tracks.intake.steps.completeness.stage', { stage: 'received' })
    line(3, 'set', 'completeness', 'tracks.intake.steps.completeness.decide.rules.0', { outcome: 'complete' })
    line(4, 'done', 'completeness', 'tracks.intake.steps.completeness', { outcome: 'complete' })
    line(5, 'stage', 'triage', 'tracks.intake.steps.triage.stage', { stage: 'triage' })
    line(6, 'opened', 'triage', 'tracks.intake.steps.triage.task', { role: 'triage-nurse', due, effect: task })
    out.timers.push(
      { journey, timer: 'triage#1.0', bucket, due: new Date(warn) },
      { journey, timer: 'triage#1.1', bucket, due: new Date(due) },
    )
    makeTask(out, at, { step: 'triage', id: task, journey, trigger, subject, due: new Date(due) })
  }
  await tx.run({
    name: 'hand-journeys',
    text: `
      insert into journey (tenant_id, pathway, version, status, stage, stage_since, due, started_at, lines, id, key, subject, bucket, state)
      select $1, 'referral-intake', 1, 'active', 'triage', $2, $3, $2, 6, * from unnest($4::text[], $5::text[], $6::text[], $7::smallint[], $8::text[])`,
    values: [tx.tenant, new Date(now), new Date(due), ...columns],
  })
}

async function acceptReferrals(tx: Tx, tasks: readonly Taken[], out: Output, at: string, bookDue: number) {
  const done = tasks.flatMap(({ event_id: event, id, content }) => {
    const task: { status: string; output?: { valueCode: string }[] } = JSON.parse(content)
    return task.status === 'completed' && task.output?.[0]?.valueCode === 'accept'
      ? [{ event, journey: id.slice(0, 36) }]
      : []
  })
  if (done.length === 0) return
  const now = Date.parse(at)
  const rows = await tx.query<{ id: string; lines: number; bucket: number; state: string }>({
    name: 'hand-load',
    text: `select id, lines, bucket, state from journey where tenant_id = $1 and id = any($2) and status = 'active'`,
    values: [tx.tenant, done.map((one) => one.journey)],
  })
  const held = new Map(rows.map((row) => [row.id, row]))
  const ids: string[] = []
  const states: string[] = []
  for (const { event, journey } of done) {
    const row = held.get(journey)
    if (!row) continue
    const state: State = JSON.parse(row.state)
    const { trigger, subject } = state
    const [visit, task] = [`${journey}.2`, `${journey}.3`]
    state.stage = 'booking'
    state.stageSince = now
    state.at = now
    state.effects = 3
    state.open = { book: { key: task, n: 1, since: now, due: bookDue } }
    state.past['triage'] = { n: 1, outcome: 'accept' }
    state.past['ask-for-visit'] = { n: 1, outcome: 'done' }
    state.edges['ask-for-visit<0'] = true
    state.edges['book<0'] = true
    state.timers = { 'book#1.0': { due: bookDue, step: 'book', n: 1, does: 0 } }
    state.requests = { [visit]: 'Appointment' }
    ids.push(journey)
    states.push(JSON.stringify(state))
    const line = (n: number, kind: string, step: string, rule: string, data: object) =>
      out.lines.push({ journey, line: row.lines + n, kind, step, n: 1, rule, event, data: JSON.stringify(data) })
    line(1, 'done', 'triage', 'tracks.intake.steps.triage', { outcome: 'accept' })
    line(2, 'asked', 'ask-for-visit', 'tracks.intake.steps.ask-for-visit.request', {
      resource: 'Appointment',
      effect: visit,
    })
    line(3, 'done', 'ask-for-visit', 'tracks.intake.steps.ask-for-visit', { outcome: 'done' })
    line(4, 'stage', 'book', 'tracks.intake.steps.book.stage', { stage: 'booking' })
    line(5, 'opened', 'book', 'tracks.intake.steps.book.task', {
      role: 'access-coordinator',
      due: bookDue,
      effect: task,
    })
    const due = new Date(bookDue)
    out.timers.push({ journey, timer: 'book#1.0', bucket: row.bucket, due })
    makeAppointment(out, at, { id: visit, trigger, subject })
    makeTask(out, at, { step: 'book', id: task, journey, trigger, subject, due })
  }
  await tx.run({
    name: 'hand-move',
    text: `update journey j set stage = 'booking', stage_since = $2, due = $3, lines = j.lines + 5, state = m.state
           from unnest($4::text[], $5::text[]) as m (id, state) where j.tenant_id = $1 and j.id = m.id`,
    values: [tx.tenant, new Date(now), new Date(bookDue), ids, states],
  })
  await tx.run({
    name: 'hand-drop-timers',
    text: `delete from journey_timer t using unnest($2::text[]) as g (journey) where t.tenant_id = $1 and t.journey = g.journey and t.timer in ('triage#1.0', 'triage#1.1')`,
    values: [tx.tenant, ids],
  })
}

async function writeOut(tx: Tx, clock: Clock, out: Output, date: Date, at: string): Promise<void> {
  const { tenant } = tx
  const { lines, timers, made, tokens, items } = out
  if (lines.length === 0) return
  const insert = (name: string, text: string, columns: unknown[]) =>
    tx.run({ name: `hand-${name}`, text, values: [tenant, ...columns] })
  await insert(
    'lines',
    `insert into journey_event (tenant_id, at, journey, line, kind, step, n, rule, event, data)
     select $1, $2, * from unnest($3::text[], $4::int[], $5::text[], $6::text[], $7::int[], $8::text[], $9::text[], $10::text[])`,
    [
      date,
      lines.map((one) => one.journey),
      lines.map((one) => one.line),
      lines.map((one) => one.kind),
      lines.map((one) => one.step),
      lines.map((one) => one.n),
      lines.map((one) => one.rule),
      lines.map((one) => one.event),
      lines.map((one) => one.data),
    ],
  )
  await insert(
    'timers',
    'insert into journey_timer (tenant_id, journey, timer, bucket, due) select $1, * from unnest($2::text[], $3::text[], $4::smallint[], $5::timestamptz[])',
    [
      timers.map((one) => one.journey),
      timers.map((one) => one.timer),
      timers.map((one) => one.bucket),
      timers.map((one) => one.due),
    ],
  )
  const types = made.map((one) => one.type)
  const ids = made.map((one) => one.id)
  const contents = made.map((one) => one.content)
  await insert(
    'resources',
    'insert into fhir_resource (tenant_id, version, updated, type, id, content) select $1, 1, $2, * from unnest($3::text[], $4::text[], $5::text[])',
    [date, types, ids, contents],
  )
  await insert(
    'history',
    `insert into fhir_history (tenant_id, version, interaction, updated, type, id, content) select $1, 1, 'create', $2, * from unnest($3::text[], $4::text[], $5::text[])`,
    [date, types, ids, contents],
  )
  // Of what is made, appointments only: no published pathway listens to new tasks.
  const visits = made.filter((one) => one.type === 'Appointment')
  if (visits.length > 0)
    await insert(
      'changes',
      `insert into fhir_change (tenant_id, type, version, interaction, bucket, event_id, id, subject) select $1, 'Appointment', 1, 'create', * from unnest($2::smallint[], $3::text[], $4::text[], $5::text[])`,
      [
        visits.map((one) => bucketOf(`Patient/${one.patient}`)),
        visits.map((one) => `Appointment/${one.id}/1`),
        visits.map((one) => one.id),
        visits.map((one) => `Patient/${one.patient}`),
      ],
    )
  await insert(
    'tokens',
    'insert into fhir_token (tenant_id, type, param, value, id, system) select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])',
    [0, 1, 2, 3, 4].map((column) => tokens.map((one) => one[column])),
  )
  const references = made.flatMap(({ type, id, referral, patient }) =>
    type === 'Task'
      ? [
          [type, 'focus', referral, id, 'ServiceRequest'],
          [type, 'patient', patient, id, 'Patient'],
          [type, 'subject', patient, id, 'Patient'],
        ]
      : [
          [type, 'actor', patient, id, 'Patient'],
          [type, 'based-on', referral, id, 'ServiceRequest'],
          [type, 'patient', patient, id, 'Patient'],
        ],
  )
  await insert(
    'references',
    'insert into fhir_reference (tenant_id, type, param, target_id, id, target_type) select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])',
    [0, 1, 2, 3, 4].map((column) => references.map((one) => one[column])),
  )
  await insert(
    'dates',
    `insert into fhir_date (tenant_id, type, low, high, param, id) select $1, 'Task', $2::bigint, $2::bigint + 1, p, i from unnest($3::text[]) as i cross join unnest('{authored-on,modified}'::text[]) as p`,
    [date.getTime(), items.map((one) => one.id)],
  )
  await insert(
    'items',
    `insert into work_item (tenant_id, version, status, open, escalated, rank, created_at, updated_at, id, role, due, patient, journey)
     select $1, 1, 'requested', true, '{}', 2, $2, $2, * from unnest($3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[])`,
    [
      date,
      items.map((one) => one.id),
      items.map((one) => one.role),
      items.map((one) => one.due),
      items.map((one) => one.patient),
      items.map((one) => one.journey),
    ],
  )
  await insert(
    'queue',
    'insert into work_queue (tenant_id, rank, id, role, due) select $1, 2, * from unnest($2::text[], $3::text[], $4::timestamptz[])',
    [items.map((one) => one.id), items.map((one) => one.role), items.map((one) => one.due)],
  )
  await insert(
    'subjects',
    'insert into access_subject (tenant_id, type, id, patient) select $1, * from unnest($2::text[], $3::text[], $4::text[])',
    [types, ids, made.map((one) => `Patient/${one.patient}`)],
  )
  await insert(
    'audit',
    'insert into audit_event (tenant_id, id, content) values ($1, $2, $3)',
    auditOf(tenant, clock, made, at),
  )
  await tx.run({
    name: 'hand-hints',
    text: `select pg_notify('throughline_feed', $1), pg_notify('throughline_feed', $2), pg_notify('throughline_change', $3)`,
    values: [JSON.stringify({ tenant, topic: 'work' }), JSON.stringify({ tenant, topic: 'journeys' }), tenant],
  })
}

const coded = (system: string, code: string) => ({ coding: [{ system, code }] })
const machine = { address: hostname(), type: '1' }
const objectRoles = 'http://terminology.hl7.org/CodeSystem/object-role'
const entityTypes = 'http://terminology.hl7.org/CodeSystem/audit-entity-type'

function auditOf(tenant: string, clock: Clock, made: readonly Made[], at: string): [string, string] {
  const id = newId(clock)
  const engine = { identifier: { system: 'urn:throughline:engine', value: 'journeys' } }
  const dicom = 'http://dicom.nema.org/resources/ontology/DCM'
  const event = {
    resourceType: 'AuditEvent',
    id,
    type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
    subtype: [
      { system: 'urn:throughline:act', code: 'journey-moved' },
      { system: 'http://hl7.org/fhir/restful-interaction', code: 'create' },
    ],
    action: 'C',
    recorded: at,
    outcome: '0',
    agent: [
      {
        type: coded('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'AUT'),
        who: engine,
        altId: 'journeys',
        name: 'Throughline',
        requestor: true,
        role: [coded('urn:throughline:actor', 'engine')],
      },
      { type: coded(dicom, '110153'), who: engine, requestor: false, network: machine },
      { type: coded(dicom, '110152'), who: { display: 'Throughline' }, requestor: false, network: machine },
    ],
    source: {
      observer: { display: 'Throughline' },
      site: tenant,
      type: [{ system: 'http://terminology.hl7.org/CodeSystem/security-source-type', code: '4' }],
    },
    entity: [
      ...made.map((one) => ({
        what: { reference: `${one.type}/${one.id}` },
        type: { system: entityTypes, code: '2' },
        role: { system: objectRoles, code: '4' },
      })),
      {
        what: { identifier: { system: 'urn:throughline:request', value: newId(clock) } },
        type: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
      },
    ],
  }
  return [id, JSON.stringify(event)]
}
