import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newSecret } from '../kernel/index.ts'
import { refuse } from './errors.ts'

/** Keeps secrets that the program must read again (a TOTP secret, a private key) unreadable in the database. */
export interface Vault {
  /** `place` is bound into the result: what was sealed for one row does not open in another. */
  close(place: string, secret: string): Buffer
  open(place: string, sealed: Buffer): string
  /** A key for another use, always the same for the same purpose. */
  derive(purpose: string): Buffer
}

const keyLength = 32
const nonceLength = 12
const tagLength = 16

/** AES-256-GCM under the installation's key: 32 bytes. */
export function createVault(key: Buffer): Vault {
  if (key.length !== keyLength)
    throw refuse('secret-unusable', { faults: [{ path: 'THROUGHLINE_SECRET', message: 'is not 32 bytes in base64' }] })
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', key, 'throughline', purpose, keyLength))
  const sealing = derive('seal')
  return {
    close(place, secret) {
      // 96 random bits: the same nonce twice is out of reach of the few secrets that are ever sealed.
      const nonce = Buffer.from(newSecret(nonceLength), 'base64url')
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(Buffer.from(place))
      const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body])
    },
    open(place, sealed) {
      const decipher = createDecipheriv('aes-256-gcm', sealing, sealed.subarray(0, nonceLength))
        .setAAD(Buffer.from(place))
        .setAuthTag(sealed.subarray(nonceLength, nonceLength + tagLength))
      try {
        return Buffer.concat([decipher.update(sealed.subarray(nonceLength + tagLength)), decipher.final()]).toString(
          'utf8',
        )
      } catch (cause) {
        throw refuse('secret-other', { cause })
      }
    },
    derive: (purpose) => createHmac('sha256', derive('derive')).update(purpose).digest(),
  }
}

/**
 * The installation's key: from THROUGHLINE_SECRET (needed where several nodes share a database), else from a file in the data
 * folder that is made at the first start. Who has the database alone cannot read what is sealed.
 */
export async function openVault(options: { secret: string | undefined; folder: string }): Promise<Vault> {
  if (options.secret !== undefined) return createVault(Buffer.from(options.secret, 'base64'))
  const file = join(options.folder, 'secret.key')
  if (!existsSync(file)) {
    await mkdir(options.folder, { recursive: true })
    // Of two starters the first writes, the second reads.
    await writeFile(file, `${Buffer.from(newSecret(keyLength), 'base64url').toString('base64')}\n`, {
      mode: 0o600,
      flag: 'wx',
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
  return createVault(Buffer.from((await readFile(file, 'utf8')).trim(), 'base64'))
}
