import type { Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import type { SocketLine, SocketRoute } from '../kernel/index.ts'

/** Bytes that may wait for one reader before it is cut off; what it missed it can ask for. */
const mostWaiting = 4 * 1024 * 1024
const mostSaid = 4_096
const mostLines = 1_000
const pingEvery = 30_000

/** Serves websockets beside the routes. Returns what ends them all. */
export function serveSockets(server: Server, routes: readonly SocketRoute[]): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: mostSaid, perMessageDeflate: false })
  const alive = new WeakSet<WebSocket>()
  server.on('upgrade', (request, socket, head) => {
    const path = (request.url ?? '').replace(/\?.*$/, '')
    const found = routes.find((one) => one.path === path || one.path === decoded(path))
    if (!found || sockets.clients.size >= mostLines) {
      socket.end(`HTTP/1.1 ${found ? '503 Service Unavailable' : '404 Not Found'}\r\nconnection: close\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (line) => {
      alive.add(line)
      line.on('pong', () => alive.add(line))
      // A broken frame closes the line by itself; without a hearer it would end the process.
      line.on('error', () => line.terminate())
      found.connect(lineOf(line))
    })
  })
  const pinging = setInterval(() => {
    for (const line of sockets.clients) {
      if (!alive.delete(line)) line.terminate()
      else line.ping()
    }
  }, pingEvery)
  return () => {
    clearInterval(pinging)
    for (const line of sockets.clients) line.close(1001)
    sockets.close()
  }
}

const decoded = (path: string): string | undefined => {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

const lineOf = (line: WebSocket): SocketLine => ({
  send(text) {
    if (line.readyState !== line.OPEN || line.bufferedAmount > mostWaiting) {
      line.terminate()
      return false
    }
    line.send(text)
    return true
  },
  close: () => line.close(1000),
  onText: (hear) => line.on('message', (data, binary) => (binary ? line.close(1003) : hear(String(data)))),
  onClose: (hear) => line.on('close', hear),
})
