import type { Communication, ContactPoint, Resource } from '@medplum/fhirtypes'
import type { Database, Tx } from '../db/index.ts'
import type { FhirRecord } from '../fhir/index.ts'
import type { Job, JobHandler } from '../jobs/index.ts'
import type { Actor, CallContext, Clock, TenantId } from '../kernel/index.ts'
import type { Localized, Locale, Template } from '../pathways/index.ts'
import type { Channel } from './channel.ts'
import { type ChannelName, channelCodes, templateOf, words } from './message-words.ts'
import { sendJob } from './perform-messages.ts'
import { render } from './render.ts'

export interface SendDependencies {
  database: Database
  record: FhirRecord
  clock: Clock
  channels: readonly Channel[]
  templates: readonly Template[]
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
      const prepared = await database.transaction(tenant, (tx) => prepare(tx, job, dependencies))
      if (prepared === 'settled') return async () => {}
      if ('unreachable' in prepared)
        return (tx) =>
          put(tx, context, {
            ...prepared.unreachable,
            status: 'not-done',
            statusReason: { text: 'no channel reaches the recipient' },
          })
      if ('refused' in prepared)
        return (tx) =>
          put(tx, context, { ...prepared.refused, status: 'stopped', statusReason: { text: 'consent refuses it' } })
      const { message, channel, address, recipient, subject, text } = prepared
      await channel.deliver(tenant, { key: job.key, address, subject, text })
      return (tx) =>
        put(tx, context, {
          ...message,
          status: 'completed',
          sent: new Date(clock.now()).toISOString(),
          medium: [{ coding: [{ system: words.channel, code: channelCodes[channel.name] }] }],
          recipient: [recipient],
          payload: [{ contentString: subject }, { contentString: text }],
        })
    },
    async givenUp(tx, job) {
      const message = await record.read(tx, job.payload['reference']?.toString() ?? '')
      if (message?.resourceType !== 'Communication' || message.id === undefined || message.status !== 'preparation')
        return
      await put(tx, contextOf(tx.tenant, job), {
        ...message,
        id: message.id,
        status: 'stopped',
        statusReason: { text: 'delivery failed' },
      })
    },
  }
}

async function prepare(
  tx: Tx,
  job: Job,
  dependencies: SendDependencies,
): Promise<
  Prepared | 'settled' | { unreachable: Communication & { id: string } } | { refused: Communication & { id: string } }
> {
  const { record, templates, clinic } = dependencies
  const [tenant] = await tx.query<{ name: string }>({
    name: 'tenant-name',
    text: 'select name from tenant where tenant_id = $1',
    values: [tx.tenant],
  })
  const message = await record.read(tx, String(job.payload['reference']))
  if (message?.resourceType !== 'Communication' || message.id === undefined) return 'settled'
  // A dead letter that is sent again is `stopped`; anything further along needs nothing more.
  if (message.status !== 'preparation' && message.status !== 'stopped') return 'settled'
  const stoppedByJourney = message.status === 'stopped' && message.statusReason?.text !== 'delivery failed'
  if (stoppedByJourney) return 'settled'
  const withId = { ...message, id: message.id }
  const template = templates.find((one) => one.template === templateOf(message))
  const patient = await record.read(tx, message.subject?.reference ?? '')
  const about = await record.read(tx, message.about?.[0]?.reference ?? '')
  const to = message.extension?.find((one) => one.url === 'urn:throughline:to')?.valueString
  const recipient =
    to === 'patient'
      ? patient
      : to === 'colleague'
        ? await record.read(tx, message.recipient?.[0]?.reference ?? '')
        : await referrerOf(tx, record, about)
  if (!template || !recipient) return { unreachable: withId }
  const subject = message.subject?.reference
  if (
    subject !== undefined &&
    !(await dependencies.mayTell(tx, {
      patient: subject,
      communication: message.id,
      recipient: `${recipient.resourceType}/${recipient.id}`,
    }))
  )
    return { refused: withId }
  const contacts = 'telecom' in recipient && Array.isArray(recipient.telecom) ? recipient.telecom : []
  for (const name of String(job.payload['channels']).split(' ')) {
    const channel = dependencies.channels.find((one) => one.name === name)
    const address = addressFor(name === 'sms' ? 'sms' : 'email', contacts)
    if (!channel || address === undefined) continue
    const locale = languageOf(recipient)
    const title = await dependencies.pathwayTitle(
      tx,
      message.identifier?.find((one) => one.system === words.journey)?.value ?? '',
    )
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
      subject: channel.name === 'sms' ? '' : render(template.subject[locale], values),
      text: render(channel.name === 'sms' ? template.sms[locale] : template.body[locale], values),
    }
  }
  return { unreachable: withId }
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
