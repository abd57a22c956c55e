import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { Bundle, Parameters } from '@medplum/fhirtypes'

export interface Received {
  headers: IncomingHttpHeaders
  bundle: Bundle
  /** handshake, heartbeat or event-notification. */
  type: string
  numbers: number[]
  focuses: string[]
}

/** Somebody who takes notifications, as strict as we can be with ourselves: what it acknowledged it has kept. */
export interface Receiver {
  url: string
  /** `127.0.0.1:port`, for the list of allowed addresses. */
  address: string
  received: Received[]
  /** The status it answers with; `down` ends every connection at once. */
  answer: number | 'down'
  close(): Promise<void>
}

const partsOf = (status: Parameters | undefined) =>
  (status?.parameter ?? []).filter(({ name }) => name === 'notification-event').map(({ part }) => part ?? [])

export function readNotification(text: string, headers: IncomingHttpHeaders = {}): Received {
  const bundle = JSON.parse(text) as Bundle
  const first = bundle.entry?.[0]?.resource
  const status = first?.resourceType === 'Parameters' ? first : undefined
  const events = partsOf(status)
  return {
    headers,
    bundle,
    type: status?.parameter?.find(({ name }) => name === 'type')?.valueCode ?? '',
    numbers: events.map((part) => Number(part.find(({ name }) => name === 'event-number')?.valueString)),
    focuses: events.flatMap((part) => part.find(({ name }) => name === 'focus')?.valueReference?.reference ?? []),
  }
}

export async function startReceiver(port = 0): Promise<Receiver> {
  const receiver: Receiver = { url: '', address: '', received: [], answer: 200, close: async () => {} }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => {})
    request.on('end', () => {
      if (receiver.answer === 'down') return void request.socket.destroy()
      if (receiver.answer >= 200 && receiver.answer < 300)
        receiver.received.push(readNotification(Buffer.concat(chunks).toString(), request.headers))
      response.statusCode = receiver.answer
      response.end()
    })
  })
  await new Promise<void>((tell) => server.listen(port, '127.0.0.1', () => tell()))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the receiver has no port')
  receiver.address = `127.0.0.1:${address.port}`
  receiver.url = `http://${receiver.address}/hook`
  receiver.close = () =>
    new Promise((tell) => {
      server.close(() => tell())
      server.closeAllConnections()
    })
  return receiver
}
