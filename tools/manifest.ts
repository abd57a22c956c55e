// What a build is made of: SHA-256 of every file that runs, of the lock of its packages, and one over all of them. Written
// beside a release and held against a checkout later: `--check manifest.json` names each file that is not as it was.
// It is not signed: who publishes a release signs the file with a key of their own.
// Run: node bin/node24.js tools/manifest.ts [--check manifest.json]
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Manifest {
  version: string
  /** SHA-256 by path from the root, in order of the paths. */
  files: Record<string, string>
  /** SHA-256 over all paths and hashes. */
  whole: string
}

const folders = ['bin', 'src', 'console', 'library', 'migrations']
const alone = ['package.json', 'package-lock.json']
const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex')

/** The manifest of a checkout. What is built from the console's sources is made at the first start and not part of it. */
export function manifestOf(root: string): Manifest {
  const paths = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replace(/^\//, '')),
  )
  const files = Object.fromEntries(
    [...paths, ...alone]
      .filter((path) => !path.startsWith('console/dist/') && !path.includes('/node_modules/'))
      .sort()
      .map((path) => [path, sha256(readFileSync(join(root, path)))]),
  )
  const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const whole = sha256(Object.entries(files).join('\n'))
  return { version, files, whole }
}

/** Paths that are not as a manifest says: changed, gone, or new. */
export function differences(before: Manifest, now: Manifest): string[] {
  const paths = [...new Set([...Object.keys(before.files), ...Object.keys(now.files)])].sort()
  return paths.flatMap((path) => {
    const [was, is] = [before.files[path], now.files[path]]
    if (was === is) return []
    return [`${is === undefined ? 'gone' : was === undefined ? 'new' : 'changed'} ${path}`]
  })
}

if (import.meta.main) {
  const root = new URL('../', import.meta.url).pathname
  const [flag, file] = process.argv.slice(2)
  const now = manifestOf(root)
  if (flag !== '--check' || file === undefined) process.stdout.write(`${JSON.stringify(now, null, 1)}\n`)
  else {
    const found = differences(JSON.parse(readFileSync(file, 'utf8')) as Manifest, now)
    process.stdout.write(found.length === 0 ? `as written: ${now.whole}\n` : `${found.join('\n')}\n`)
    process.exitCode = found.length === 0 ? 0 : 1
  }
}
