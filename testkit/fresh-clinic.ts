import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createToken, setUp } from '../src/identity/index.ts'
import { systemActor, systemClock } from '../src/kernel/index.ts'
import { readConfig } from '../src/main/config.ts'
import { openHouse } from '../src/main/open.ts'
import { furnish } from '../src/main/serve.ts'
import { freePort, type SpawnedServer, spawnServer } from './spawned-server.ts'

export interface FreshClinic {
  server: SpawnedServer
  /** Address of the program, without a slash at its end. */
  url: string
  /** Bearer token of a client that may read and write the record. */
  token: string
  /** Signs its administrator in and gives the cookie. */
  signIn(): Promise<string>
  /** Stops the program and takes its data away. */
  close(): Promise<void>
}

const administrator = { name: 'Ada', email: 'ada@fresh.example', password: 'forty-two-otters' }

/** The program, started as its own process on a folder of its own, set up with one organisation. */
export async function startFreshClinic(environment: Readonly<Record<string, string>> = {}): Promise<FreshClinic> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'throughline-clinic-'))
  // Open to the database's user, so that the data stays in this folder when root runs the test.
  await chmod(dataFolder, 0o755)
  const port = await freePort()
  const settings = { THROUGHLINE_DATA: dataFolder, PUBLIC_URL: `http://127.0.0.1:${port}`, ...environment }
  const house = await openHouse({ ...readConfig(settings), logLevel: 'silent' }, systemClock)
  const call = { actor: systemActor, clock: systemClock, requestId: 'test', locale: 'en' as const }
  const tenant = await setUp(house.database, call, {
    organisation: 'Fresh Clinic',
    administrator,
    furnish: (tx) => furnish(house, tx, { ...call, tenant: tx.tenant }),
  })
  const { token } = await house.database.transaction(tenant, (tx) =>
    createToken(tx, { ...call, tenant }, { name: 'client', roles: ['client-write'] }),
  )
  await house.close()
  const server = await spawnServer(['start'], settings, port)
  return {
    server,
    url: server.url,
    token,
    async signIn() {
      const answer = await fetch(`${server.url}/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: administrator.email, password: administrator.password }),
      })
      if (!answer.ok) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`)
      return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    },
    async close() {
      await server.stop()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}
