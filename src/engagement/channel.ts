import { createTransport } from 'nodemailer'
import type { Database } from '../db/index.ts'
import type { Clock, TenantId } from '../kernel/index.ts'
import type { ChannelName } from './message-words.ts'

/** One message on its way out. `key` is the same at every attempt. */
export interface Delivery {
  key: string
  address: string
  subject: string
  text: string
}

/** A way out. Throws to be tried again later. */
export interface Channel {
  name: ChannelName
  deliver(tenant: TenantId, delivery: Delivery): Promise<void>
}

/** E-mail by SMTP. The key makes the Message-ID, by which a receiver that minds it drops a second copy (RFC 5322, 3.6.4). */
export function smtpChannel(options: { url: string; from: string }): Channel {
  const server = new URL(options.url)
  if (!server.searchParams.has('connectionTimeout')) server.searchParams.set('connectionTimeout', '10000')
  if (!server.searchParams.has('socketTimeout')) server.searchParams.set('socketTimeout', '20000')
  const transport = createTransport(server.href)
  const domain = options.from.split('@').at(-1)?.replace(/[>\s]/g, '') ?? 'throughline.invalid'
  return {
    name: 'email',
    async deliver(tenant, delivery) {
      try {
        await transport.sendMail({
          from: options.from,
          to: delivery.address,
          subject: delivery.subject,
          text: delivery.text,
          messageId: `<${delivery.key}.${tenant}@${domain}>`,
        })
      } catch (error) {
        // The server's own words may quote the address: only its code goes into the log and the dead letter.
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
        const answer = error instanceof Error && 'responseCode' in error ? ` ${String(error.responseCode)}` : ''
        throw new Error(`the mail server did not take it (${code}${answer})`, { cause: error })
      }
    },
  }
}

/** Keeps what is sent in the database, where the console shows it: the SMS sink, and e-mail while no server is set. */
export function localChannel(name: ChannelName, database: Database, clock: Clock): Channel {
  return {
    name,
    deliver: (tenant, { key, address, subject, text }) =>
      database.transaction(tenant, async (tx) => {
        await tx.run({
          name: 'deliver-locally',
          text: `insert into local_delivery (tenant_id, key, channel, address, subject, body, at) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
          values: [tenant, key, name, address, subject, text, new Date(clock.now())],
        })
      }),
  }
}
