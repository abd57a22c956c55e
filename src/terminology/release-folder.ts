import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { TenantId } from '../kernel/index.ts'
import { refuse } from './errors.ts'

/** One name, no way up: letters, digits and a few marks. */
const plainName = /^[A-Za-z0-9][A-Za-z0-9 ._()+-]{0,150}$/

/** The folder that administrators load from: `<folder>/<tenant>/…`. What lies elsewhere on the machine is not theirs to name. */
export interface ReleaseFolder {
  list(tenant: TenantId): Promise<{ name: string; bytes: number; folder: boolean }[]>
  path(tenant: TenantId, name: string): string
  /** Appends a piece. `offset` is where it begins: a piece that was sent twice, or after a lost one, is refused. Returns the size. */
  append(tenant: TenantId, name: string, offset: number, piece: Buffer): Promise<number>
  remove(tenant: TenantId, name: string): Promise<void>
}

export function releaseFolder(folder: string): ReleaseFolder {
  const path = (tenant: TenantId, name: string) => {
    if (!plainName.test(name)) throw refuse('path-outside', { faults: [{ path: 'file', message: 'is no plain name' }] })
    return join(folder, tenant, name)
  }
  return {
    path,
    async list(tenant) {
      const entries = await readdir(join(folder, tenant), { withFileTypes: true }).catch(() => [])
      const seen = entries.filter((entry) => plainName.test(entry.name) && (entry.isFile() || entry.isDirectory()))
      return Promise.all(
        seen.map(async (entry) => ({
          name: entry.name,
          bytes: entry.isFile() ? (await stat(join(folder, tenant, entry.name))).size : 0,
          folder: entry.isDirectory(),
        })),
      )
    },
    async append(tenant, name, offset, piece) {
      const file = path(tenant, name)
      await mkdir(join(folder, tenant), { recursive: true, mode: 0o700 })
      const handle = await open(file, 'a', 0o600)
      try {
        const { size } = await handle.stat()
        if (size !== offset)
          throw refuse('upload-offset', { faults: [{ path: 'offset', message: `the file ends at ${size}` }] })
        await handle.appendFile(piece)
        return size + piece.length
      } finally {
        await handle.close()
      }
    },
    remove: (tenant, name) => rm(path(tenant, name), { recursive: true, force: true }),
  }
}
