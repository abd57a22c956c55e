import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createAccount } from '../../identity/index.ts'
import {
  type CallContext,
  movedClock,
  type MovedClock,
  systemActor,
  systemClock,
  tenantId,
} from '../../kernel/index.ts'
import { readConfig } from '../config.ts'
import { type OpenHouse, openHouse } from '../open.ts'
import { furnish, serve } from '../serve.ts'
import { untilSignalled } from '../until-signalled.ts'
import { liveAQuarter, type Quarter } from './live-a-quarter.ts'
import { demoPassword, staff } from './people.ts'

const day = 86_400_000
const tenant = tenantId('demo')

/**
 * `throughline demo [--exit] [--seed=n] [--until=YYYY-MM-DD]`: a clinic of our own making in a data folder of its own. It
 * lives through the three months before now (or before the date given); with the same seed and date it is the same clinic.
 * With `--again` it lives through nothing, and is served as the last demonstration left it.
 */
export async function runDemo(args: readonly string[]): Promise<void> {
  const config = readConfig(process.env)
  const seed = Number(args.find((arg) => arg.startsWith('--seed='))?.slice(7) ?? 7)
  const asked = args.find((arg) => arg.startsWith('--until='))?.slice(8)
  const until = asked === undefined ? systemClock.now() : Date.parse(`${asked}T20:00:00Z`)
  if (Number.isNaN(until) || !Number.isInteger(seed)) throw new Error('--until takes a date and --seed a whole number')
  const dataFolder = join(config.dataFolder, 'demo')
  const clock = movedClock(Math.floor((until - 92 * day) / day) * day)
  let running = false
  let runningNow = systemClock.now
  const again = args.includes('--again')
  const open = again ? openHouse : openFresh
  const house = await open(
    { ...config, dataFolder },
    { now: () => (running ? runningNow() : clock.now()) },
    // Who is interrupted begins anew.
    { hasty: () => !running },
  )
  let serving: { url: string; stop(): Promise<void> } | undefined
  try {
    if (again) {
      if (!(await house.database.tenants()).includes(tenant)) throw new Error('there is no demonstration here yet')
    } else process.stdout.write(await live(house, clock, { until, seed }))
    if (args.includes('--exit')) return
    // From here on the clock runs by itself, from the moment the three months ended.
    running = true
    const offset = asked === undefined ? 0 : until - systemClock.now()
    runningNow = () => systemClock.now() + offset
    serving = await serve(house, config)
    process.stdout.write(
      `\nThroughline serves ${serving.url}\nSign in with the password ${demoPassword} as\n${staff.map((member) => `  ${member.email.padEnd(24)} ${member.name}, ${member.roles.join(' and ')}`).join('\n')}\nCtrl-C ends it.\n`,
    )
    await untilSignalled(async () => {})
  } finally {
    await serving?.stop()
    await house.close()
  }
}

/** Furnishes the clinic and lives through its quarter; answers what happened, in words. */
async function live(
  house: OpenHouse,
  clock: MovedClock,
  { until, seed }: { until: number; seed: number },
): Promise<string> {
  const started = systemClock.now()
  const context: CallContext = { tenant, actor: systemActor, clock, requestId: 'demo', locale: 'en' }
  await house.database.transaction(tenant, async (tx) => {
    await tx.run({ text: `insert into tenant (tenant_id, name) values ($1, 'Riverside Clinic')`, values: [tenant] })
    await furnish(house, tx, context)
    for (const { id, ...member } of staff)
      await createAccount(tx, context, { ...member, password: demoPassword, practitioner: `Practitioner/${id}` })
  })
  const shown = process.stderr.isTTY
  const quarter = await liveAQuarter({
    house,
    clock,
    tenant,
    until,
    seed,
    progress: (share) => {
      if (shown)
        process.stderr.write(
          `\rThree months pass ${'█'.repeat(Math.round(share * 30)).padEnd(30, '░')} ${Math.round(share * 100)} %`,
        )
    },
  })
  if (shown) process.stderr.write('\n')
  return report(house, quarter, (systemClock.now() - started) / 1000)
}

/**
 * Opens the demonstration's data folder, from nothing each time: what a former demonstration left there is dropped, after its
 * lock is ours. A server that runs on the folder refuses this one before anything is removed.
 */
async function openFresh(...[config, ...rest]: Parameters<typeof openHouse>): Promise<OpenHouse> {
  const house = await openHouse(config, ...rest)
  const tenants = await house.database.tenants()
  if (tenants.length === 0) return house
  if (config.databaseUrl !== undefined) {
    await house.close()
    throw new Error('the demonstration wants an empty database, and this DATABASE_URL has an organisation in it')
  }
  await house.close()
  await rm(house.where, { recursive: true, force: true })
  return openHouse(config, ...rest)
}

async function report(house: OpenHouse, quarter: Quarter, seconds: number): Promise<string> {
  const rows = await house.database.transaction(tenant, (tx) =>
    tx.query<{ title: string; running: number; ended: number; overdue: number; days: number | null }>({
      text: `select v.definition->'title'->>'en' as title, count(*) filter (where j.status = 'active')::int as running, count(*) filter (where j.status <> 'active')::int as ended,
               count(*) filter (where j.status = 'active' and j.due < $2)::int as overdue,
               round(extract(epoch from percentile_cont(0.5) within group (order by j.ended_at - j.started_at)) / 86400, 1)::float8 as days
             from journey j join pathway_version v on v.tenant_id = j.tenant_id and v.pathway = j.pathway and v.version = j.version
             where j.tenant_id = $1 group by 1 order by 1`,
      values: [tenant, new Date(house.clock.now())],
    }),
  )
  const [more] = await house.database.transaction(tenant, (tx) =>
    tx.query<{ escalated: number; missed: number; sent: number; undelivered: number; audited: number }>({
      text: `select (select count(*)::int from journey_event where tenant_id = $1 and kind = 'escalated') as escalated,
               (select count(*)::int from journey_event where tenant_id = $1 and kind = 'missed') as missed,
               (select count(*)::int from message where tenant_id = $1 and status = 'completed') as sent,
               (select count(*)::int from message where tenant_id = $1 and status in ('not-done', 'stopped')) as undelivered,
               (select count(*)::int from audit_event where tenant_id = $1) as audited`,
      values: [tenant],
    }),
  )
  const head = `${'Pathway'.padEnd(36)}${'running'.padStart(9)}${'overdue'.padStart(9)}${'ended'.padStart(9)}${'median days'.padStart(13)}`
  const body = rows.map(
    (row) =>
      `${row.title.padEnd(36)}${String(row.running).padStart(9)}${String(row.overdue).padStart(9)}${String(row.ended).padStart(9)}${String(row.days ?? '–').padStart(13)}`,
  )
  return [
    `Riverside Clinic, three months: ${quarter.patients} patients, ${quarter.referrals} referrals, ${quarter.renewals} renewals, ${quarter.labOrders} laboratory orders, ${quarter.results} results, ${quarter.visits} visits, ${quarter.noShows} missed visits.`,
    '',
    head,
    '─'.repeat(head.length),
    ...body,
    '',
    `${quarter.tasksDone} tasks done, ${more?.missed ?? 0} steps missed, ${more?.escalated ?? 0} escalations, ${more?.sent ?? 0} messages sent, ${more?.undelivered ?? 0} that reached nobody, ${more?.audited ?? 0} audit entries.`,
    `Lived through in ${seconds.toFixed(1)} s.`,
    '',
  ].join('\n')
}
