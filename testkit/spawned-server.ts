import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'

/** The program itself, as a process of its own that can be killed. */
export interface SpawnedServer {
  url: string
  child: ChildProcess
  /** Waits until it has ended. */
  ended: Promise<void>
  stop(): Promise<void>
}

export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((tell) => probe.listen(0, '127.0.0.1', () => tell()))
  const address = probe.address()
  await new Promise<void>((tell) => probe.close(() => tell()))
  if (typeof address !== 'object' || address === null) throw new Error('no free port')
  return address.port
}

/** Starts `throughline <args>` on Node 24 and waits until it answers. */
export async function spawnServer(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  port: number,
): Promise<SpawnedServer> {
  const cli = new URL('../src/main/cli.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...args], {
    env: { ...process.env, PORT: String(port), LOG_LEVEL: process.env['SERVER_LOG'] ?? 'fatal', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_000)
  })
  child.stdout?.resume()
  const ended = new Promise<void>((tell) => child.once('exit', () => tell()))
  // An end that nobody asked for is the first thing to know when a test fails.
  child.once('exit', (code, signal) => {
    if (signal === null && code !== 0) process.stdout.write(`the server ended with ${code}: ${said}\n`)
  })
  const url = `http://127.0.0.1:${port}`
  for (let wait = 0; wait < 6_000; wait += 1) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended: ${said}`)
    const ready = await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (ready) {
      return {
        url,
        child,
        ended,
        async stop() {
          child.kill('SIGTERM')
          await ended
        },
      }
    }
    await new Promise((wake) => setTimeout(wake, 50))
  }
  child.kill('SIGKILL')
  throw new Error(`the server did not answer: ${said}`)
}
