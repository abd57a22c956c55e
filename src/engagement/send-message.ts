import type { Communication, ContactPoint, Resource } from '@medplum/fhirtypes'
import type { Database, Tx } from '../db/index.ts'
import type { FhirRecord } from '../fhir/index.ts'
import type { Job, JobHandler } from '../jobs/index.ts'
import type { Actor, CallContext, Clock, TenantId } from '../kernel/index.ts'
import type { Localized, Locale, Template } from '../pathways/index.ts'
import type { Channel } from './channel.ts'
import { hasNoRoom, mergedWith } from './contacts.ts'
import { type ChannelName, channelCodes, templateOf, words } from './message-words.ts'
import { writtenTemplate } from './reply.ts'
import { sendJob } from './send-job.ts'
import { render } from './render.ts'

export interface SendDependencies {
  database: Database
  record: FhirRecord
  clock: Clock
  channels: readonly Channel[]
  templates: readonly Template[]
  /** A message's texts as the journey's version was published with them; undefined: the library's. */
  ownTemplate(tx: Tx, journey: string, name: string): Promise<Template | undefined>
  clinic: { phone: string; zone: string }
  pathwayTitle(tx: Tx, journey: string): Promise<Localized | undefined>
  audit(tx: Tx, context: CallContext, entities: readonly string[]): Promise<void>
  /** Whether the patient's consents let this be sent; asked when it is sent, whenever it was queued. */
  mayTell(tx: Tx, asked: { patient: string; communication: string; recipient: string }): Promise<boolean>
}

const actor: Actor = { kind: 'system', id: 'engagement', name: 'Throughline', roles: [] }

interface Prepared {
  message: Communication & { id: string }
  channel: Channel
  address: string
  recipient: { reference: string; display: string }
  subject: string
  text: string
}

/** A message that is not sent, as it is to stand. */
interface NotSent {
  instead: Communication & { id: string }
}

/** Sends a Communication: finds the first channel that reaches the recipient, renders in their language, delivers, records. */
export function createSendHandler(dependencies: SendDependencies): JobHandler {
  const { database, record, clock } = dependencies
  const contextOf = (tenant: TenantId, job: Job): CallContext => ({
    tenant,
    actor,
    clock,
    requestId: job.id,
    locale: 'en',
  })
  const put = async (tx: Tx, context: CallContext, resource: Communication & { id: string }) => {
    await record.write(tx, context, [{ interaction: 'update', resource }], { validate: false })
    await dependencies.audit(tx, context, [`Communication/${resource.id}`])
  }
  return {
    kind: sendJob,
    tries: 6,
    async perform(tenant, job) {
      const context = contextOf(tenant, job)
      const prepared = await database.transaction(tenant, (tx) => prepareAll(tx, job, dependencies))
      const ready = prepared.flatMap((one) => ('message' in one ? [one] : []))
      const [first] = ready
      if (first) {
        const { channel, address, subject } = first
        // What leaves together is one message to whoever reads it.
        const text = ready.map((one) => one.text).join('\n\n')
        await channel.deliver(tenant, { key: job.key, address, subject, text })
      }
      const sent = new Date(clock.now()).toISOString()
      return async (tx) => {
        for (const one of prepared) await put(tx, context, 'message' in one ? asSent(one, sent) : one.instead)
      }
    },
    async givenUp(tx, job) {
      const message = await record.read(tx, job.payload['reference']?.toString() ?? '')
      if (message?.resourceType !== 'Communication' || message.id === undefined || message.status !== 'preparation')
        return
      const lost = [message.id, ...(await mergedWith(tx, message.id))].map((id) => `Communication/${id}`)
      for (const one of (await record.readMany(tx, lost)).values())
        if (one.resourceType === 'Communication' && one.id !== undefined && one.status === 'preparation')
          await put(tx, contextOf(tx.tenant, job), {
            ...one,
            id: one.id,
            status: 'stopped',
            statusReason: { text: 'delivery failed' },
          })
    },
  }
}

const asSent = ({ message, channel, recipient, subject, text }: Prepared, sent: string) => ({
  ...message,
  status: 'completed' as const,
  sent,
  medium: [{ coding: [{ system: words.channel, code: channelCodes[channel.name] }] }],
  recipient: [recipient],
  payload: [{ contentString: subject }, { contentString: text }],
})

/** The job's message and those that leave with it, as far as they are still to be sent. */
async function prepareAll(tx: Tx, job: Job, dependencies: SendDependencies): Promise<(Prepared | NotSent)[]> {
  const own = String(job.payload['reference'])
  const channels = String(job.payload['channels']).split(' ')
  const merged = await mergedWith(tx, own.slice('Communication/'.length))
  const prepared: (Prepared | NotSent)[] = []
  for (const reference of [own, ...merged.map((id) => `Communication/${id}`)]) {
    const one = await prepare(tx, { reference, channels }, dependencies)
    if (one) prepared.push(one)
  }
  return prepared
}

/** A message made ready, or as it is to stand instead of being sent; undefined when there is nothing left to do about it. */
async function prepare(
  tx: Tx,
  { reference, channels }: { reference: string; channels: readonly string[] },
  dependencies: SendDependencies,
): Promise<Prepared | NotSent | undefined> {
  const { record, templates, clinic } = dependencies
  const [tenant] = await tx.query<{ name: string }>({
    name: 'tenant-name',
    text: 'select name from tenant where tenant_id = $1',
    values: [tx.tenant],
  })
  const message = await record.read(tx, reference)
  if (message?.resourceType !== 'Communication' || message.id === undefined) return undefined
  // A dead letter that is sent again is `stopped`; anything further along needs nothing more.
  if (message.status !== 'preparation' && message.status !== 'stopped') return undefined
  const stoppedByJourney = message.status === 'stopped' && message.statusReason?.text !== 'delivery failed'
  if (stoppedByJourney) return undefined
  const withId = { ...message, id: message.id }
  const notDone = (text: string): NotSent => ({
    instead: { ...withId, status: 'not-done', statusReason: { text } },
  })
  if (await hasNoRoom(tx, message.id)) return notDone('the contact budget has no room for it')
  const journey = message.identifier?.find((one) => one.system === words.journey)?.value ?? ''
  const name = templateOf(message)
  const template = (await dependencies.ownTemplate(tx, journey, name)) ?? templates.find((one) => one.template === name)
  const patient = await record.read(tx, message.subject?.reference ?? '')
  const about = await record.read(tx, message.about?.[0]?.reference ?? '')
  const to = message.extension?.find((one) => one.url === 'urn:throughline:to')?.valueString
  const recipient =
    to === 'patient'
      ? patient
      : to === 'colleague'
        ? await record.read(tx, message.recipient?.[0]?.reference ?? '')
        : await referrerOf(tx, record, about)
  // What a person wrote has no template: its text leaves as it stands.
  const written = name === writtenTemplate ? (message.payload?.at(-1)?.contentString ?? '') : undefined
  if ((!template && written === undefined) || !recipient) return notDone('no channel reaches the recipient')
  const subject = message.subject?.reference
  if (
    subject !== undefined &&
    !(await dependencies.mayTell(tx, {
      patient: subject,
      communication: message.id,
      recipient: `${recipient.resourceType}/${recipient.id}`,
    }))
  )
    return { instead: { ...withId, status: 'stopped', statusReason: { text: 'consent refuses it' } } }
  const contacts = 'telecom' in recipient && Array.isArray(recipient.telecom) ? recipient.telecom : []
  for (const name of channels) {
    const channel = dependencies.channels.find((one) => one.name === name)
    const address = addressFor(name === 'sms' ? 'sms' : 'email', contacts)
    if (!channel || address === undefined) continue
    const locale = languageOf(recipient)
    const title = await dependencies.pathwayTitle(tx, journey)
    const values = {
      'patient.given': patient?.resourceType === 'Patient' ? (patient.name?.[0]?.given?.[0] ?? '') : '',
      'clinic.name': tenant?.name ?? '',
      'clinic.phone': clinic.phone,
      'pathway.title': title?.[locale] ?? '',
      'referral.date':
        about?.resourceType === 'ServiceRequest'
          ? dateOf(about.authoredOn ?? about.meta?.lastUpdated, locale, clinic.zone)
          : '',
      'appointment.date': '',
    }
    return {
      message: withId,
      channel,
      address,
      recipient: { reference: `${recipient.resourceType}/${recipient.id}`, display: displayOf(recipient) },
      subject: channel.name === 'sms' ? '' : template ? render(template.subject[locale], values) : (tenant?.name ?? ''),
      text:
        template && written === undefined
          ? render(channel.name === 'sms' ? template.sms[locale] : template.body[locale], values)
          : (written ?? ''),
    }
  }
  return notDone('no channel reaches the recipient')
}

async function referrerOf(tx: Tx, record: FhirRecord, about: Resource | undefined): Promise<Resource | undefined> {
  const reference = about?.resourceType === 'ServiceRequest' ? about.requester?.reference : undefined
  return reference === undefined ? undefined : record.read(tx, reference)
}

const addressFor = (channel: ChannelName, contacts: readonly ContactPoint[]): string | undefined =>
  channel === 'email'
    ? contacts.find((one) => one.system === 'email')?.value
    : (
        contacts.find((one) => one.system === 'sms') ??
        contacts.find((one) => one.system === 'phone' && one.use === 'mobile')
      )?.value

function languageOf(resource: Resource): Locale {
  const languages = resource.resourceType === 'Patient' ? (resource.communication ?? []) : []
  const chosen = languages.find((one) => one.preferred) ?? languages[0]
  return chosen?.language.coding?.[0]?.code?.startsWith('fr') ? 'fr' : 'en'
}

function displayOf(resource: Resource): string {
  const name = 'name' in resource && Array.isArray(resource.name) ? resource.name[0] : undefined
  return typeof name === 'object' && name !== null && 'family' in name
    ? [...(name.given ?? []), name.family].filter(Boolean).join(' ')
    : `${resource.resourceType}/${resource.id}`
}

const dateOf = (text: string | undefined, locale: Locale, zone: string): string =>
  text === undefined
    ? ''
    : new Intl.DateTimeFormat(locale === 'fr' ? 'fr-CA' : 'en-CA', { dateStyle: 'long', timeZone: zone }).format(
        new Date(text),
      )
