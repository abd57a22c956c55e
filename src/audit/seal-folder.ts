import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TenantId } from '../kernel/index.ts'
import { keyName, readCheckpoints, type ReadCheckpoints } from './checkpoint.ts'
import { refuse } from './errors.ts'

/**
 * The folder where checkpoints are kept: the key that signs them, and for each tenant `<tenant>.checkpoints` (lines) and
 * `<tenant>.leaves` (the hash of every event, 32 bytes each, which is how the first bad row is named). Only our own user can
 * enter it. The database server must run as another user, or the folder lie where it cannot write, for this to hold
 * against whoever owns the database.
 */
export interface SealFolder {
  readonly folder: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly key: string
  read(tenant: TenantId): Promise<ReadCheckpoints>
  /** Length of the file of checkpoints. */
  bytes(tenant: TenantId): Promise<number>
  leaves(tenant: TenantId): Promise<Buffer>
  /** Appends the leaves first and then the line, each on the disk before the next. */
  append(tenant: TenantId, leaves: Buffer, line: string): Promise<void>
  /** Cuts off leaves that no checkpoint covers: of a write that was broken off. */
  cutLeaves(tenant: TenantId, size: number): Promise<void>
  /** Puts the present series aside under a number, for a new one to begin. */
  putAside(tenant: TenantId): Promise<void>
  /** Lines that the outside sink has taken. */
  sent(tenant: TenantId): Promise<number>
  noteSent(tenant: TenantId, lines: number): Promise<void>
}

export async function openSealFolder(folder: string): Promise<SealFolder> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  const privateKey = createPrivateKey(await keyOf(folder))
  const publicKey = createPublicKey(privateKey)
  const path = (tenant: TenantId, kind: string) => join(folder, `${tenant}.${kind}`)
  const text = (file: string) => readFile(file, 'utf8').catch(absent(''))
  return {
    folder,
    privateKey,
    publicKey,
    key: keyName(publicKey),
    read: async (tenant) => readCheckpoints(await text(path(tenant, 'checkpoints')), publicKey),
    bytes: async (tenant) => (await stat(path(tenant, 'checkpoints')).catch(absent({ size: 0 }))).size,
    leaves: (tenant) => readFile(path(tenant, 'leaves')).catch(absent(Buffer.alloc(0))),
    async append(tenant, leaves, line) {
      const file = path(tenant, 'checkpoints')
      const standing = await text(file)
      const whole = standing.lastIndexOf('\n') + 1
      if (whole < standing.length) await truncate(file, Buffer.byteLength(standing.slice(0, whole)))
      await appendDurably(path(tenant, 'leaves'), leaves)
      await appendDurably(file, `${line}\n`)
      if (standing === '') await syncFolder(folder)
    },
    async cutLeaves(tenant, size) {
      const file = path(tenant, 'leaves')
      const { size: bytes } = await stat(file).catch(absent({ size: 0 }))
      if (bytes > size * 32) await truncate(file, size * 32)
    },
    async putAside(tenant) {
      for (let number = 1; ; number += 1) {
        const aside = path(tenant, `${number}.checkpoints`)
        if (await stat(aside).then(() => true, absent(false))) continue
        await rename(path(tenant, 'checkpoints'), aside).catch(absent(undefined))
        await rename(path(tenant, 'leaves'), path(tenant, `${number}.leaves`)).catch(absent(undefined))
        await rm(path(tenant, 'sent'), { force: true })
        return syncFolder(folder)
      }
    },
    sent: async (tenant) => Number((await text(path(tenant, 'sent'))) || 0),
    async noteSent(tenant, lines) {
      const file = path(tenant, 'sent')
      const handle = await open(`${file}.new`, 'w', 0o600)
      await handle.writeFile(String(lines))
      await handle.close()
      await rename(`${file}.new`, file)
    },
  }
}

const absent =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return instead
    throw refuse('seals-unreadable', { cause: error })
  }

async function appendDurably(file: string, data: Buffer | string): Promise<void> {
  const handle = await open(file, 'a', 0o600)
  try {
    await handle.appendFile(data)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync()
  await handle.close()
}

/** The private key, made at the first start; the public one is written beside it, to be given to whoever verifies. */
async function keyOf(folder: string): Promise<string> {
  const file = join(folder, 'key.pem')
  const standing = await readFile(file, 'utf8').catch(absent(''))
  if (standing !== '') return standing
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const handle = await open(file, 'wx', 0o600)
  await handle.writeFile(pem)
  await handle.sync()
  await handle.close()
  await writeFile(join(folder, 'public.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
  await syncFolder(folder)
  return pem
}
