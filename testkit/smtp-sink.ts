import { SMTPServer } from 'smtp-server'

/** A mail server that honours idempotency: a Message-ID that it has taken before is accepted and not delivered again. */
export interface MailSink {
  url: string
  /** Times each Message-ID was handed over. */
  offered: Map<string, number>
  delivered: Set<string>
  close(): Promise<void>
}

export async function startMailSink(): Promise<MailSink> {
  const offered = new Map<string, number>()
  const delivered = new Set<string>()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const id = /^message-id:\s*<([^>]+)>/im.exec(Buffer.concat(chunks).toString())?.[1] ?? 'none'
        offered.set(id, (offered.get(id) ?? 0) + 1)
        delivered.add(id)
        done()
      })
    },
  })
  // A client that is killed in the middle of a letter is what this sink is for.
  server.on('error', () => {})
  await new Promise<void>((tell) => server.listen(0, '127.0.0.1', () => tell()))
  const address = server.server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the mail sink has no port')
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    offered,
    delivered,
    close: () => new Promise((tell) => server.close(() => tell())),
  }
}
