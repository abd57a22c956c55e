import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '../kernel/index.ts'

const root = new URL('../../', import.meta.url).pathname

/** A hash over everything the console is built from, so that it is built again only when something changed. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256')
  for (const folder of ['console', 'src/contracts', 'src/pathways', 'src/expressions']) {
    const names = (await readdir(join(root, folder), { recursive: true }))
      .filter((name) => /\.(?:tsx?|css|html|json)$/.test(name) && !name.startsWith('dist') && !name.includes('.test.'))
      .sort()
    for (const name of names) hash.update(name).update(await readFile(join(root, folder, name)))
  }
  hash.update(await readFile(join(root, 'package-lock.json')))
  return hash.digest('hex').slice(0, 16)
}

/**
 * The folder of the built console; builds it if it is not there or older than its sources. In a checkout that cannot be
 * written to, it is built under the temporary folder. Undefined if it cannot be built: the API is served all the same.
 */
export async function buildConsole(log: Logger): Promise<string | undefined> {
  const wanted = await fingerprint()
  for (const folder of [
    join(root, 'console', 'dist'),
    join(tmpdir(), `throughline-console-${process.getuid?.() ?? 0}`),
  ]) {
    const marker = join(folder, 'built-from')
    const fresh = `${folder}.${process.pid}`
    if (existsSync(marker) && (await readFile(marker, 'utf8')) === wanted) return folder
    try {
      await mkdir(fresh, { recursive: true })
      const { build } = await import('vite')
      await build({
        configFile: join(root, 'console', 'vite.config.ts'),
        logLevel: 'error',
        build: { outDir: fresh, emptyOutDir: true },
      })
      await writeFile(join(fresh, 'built-from'), wanted)
      await rm(folder, { recursive: true, force: true })
      await rename(fresh, folder)
      return folder
    } catch (error) {
      await rm(fresh, { recursive: true, force: true }).catch(() => {})
      log.warn(
        { code: 'console-not-built', error: error instanceof Error ? error.message : 'unknown' },
        'the console could not be built here',
      )
    }
  }
  return undefined
}
