import type { Communication } from '@medplum/fhirtypes'
import type { Projection } from '../fhir/index.ts'
import { channelOf, journeyOf, templateOf } from './message-words.ts'

/** Keeps the outbox true with every write of a Communication that a template made. */
export const messageProjection: Projection = {
  types: ['Communication'],
  async apply(tx, _context, written) {
    const last = new Map(written.map((one) => [one.id, one]))
    const rows = [...last.values()].flatMap((one) => {
      const message: Communication | undefined =
        one.resource?.resourceType === 'Communication' ? one.resource : undefined
      return message && templateOf(message) !== '' ? [{ id: one.id, message }] : []
    })
    if (rows.length === 0) return
    await tx.run({
      name: 'store-messages',
      text: `
        insert into message (tenant_id, id, status, channel, recipient, template, subject, patient, journey, created_at, sent_at)
        select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[])
        on conflict (tenant_id, id) do update set status = excluded.status, channel = excluded.channel, recipient = excluded.recipient, subject = excluded.subject, sent_at = excluded.sent_at`,
      values: [
        tx.tenant,
        rows.map((one) => one.id),
        rows.map((one) => one.message.status),
        rows.map((one) => channelOf(one.message) ?? null),
        rows.map((one) => one.message.recipient?.[0]?.reference ?? null),
        rows.map((one) => templateOf(one.message)),
        rows.map((one) => one.message.payload?.[0]?.contentString ?? null),
        rows.map((one) => one.message.subject?.reference ?? null),
        rows.map((one) => journeyOf(one.message) ?? null),
        rows.map(
          (one) =>
            one.message.extension?.find((extension) => extension.url === 'urn:throughline:asked-at')?.valueDateTime ??
            one.message.meta?.lastUpdated ??
            null,
        ),
        rows.map((one) => one.message.sent ?? null),
      ],
    })
    await tx.run({
      name: 'hint-feed-messages',
      text: `select pg_notify('throughline_feed', $1)`,
      values: [JSON.stringify({ tenant: tx.tenant, topic: 'messages' })],
    })
  },
}
