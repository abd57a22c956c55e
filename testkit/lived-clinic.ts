import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'

const run = promisify(execFile)

/**
 * A data folder of one's own with the demonstration clinic as it stands at the end of a date. The first who asks lives
 * through its quarter, the others of the run wait for that: it takes longer than most that is then looked at.
 */
export async function livedClinic(until: string): Promise<string> {
  const shared = join(inject('livedFolder'), until)
  const lived = join(shared, 'lived')
  await chmod(inject('livedFolder'), 0o755)
  const first = await mkdir(shared).then(
    () => true,
    () => false,
  )
  if (first) {
    const cli = new URL('../src/main/cli.ts', import.meta.url).pathname
    const args = ['--disable-warning=ExperimentalWarning', cli, 'demo', '--exit', `--until=${until}`]
    const fault = await run(process.execPath, args, {
      env: { ...process.env, LOG_LEVEL: 'fatal', THROUGHLINE_DATA: join(shared, 'clinic') },
    }).then(
      () => '',
      (error: unknown) => String(error),
    )
    await writeFile(lived, fault)
  }
  while (!existsSync(lived)) await new Promise((wake) => setTimeout(wake, 200))
  const fault = await readFile(lived, 'utf8')
  if (fault !== '') throw new Error(`the demonstration did not live: ${fault}`)
  const folder = await mkdtemp(join(tmpdir(), 'throughline-browser-'))
  await chmod(folder, 0o755)
  // With its owners: the database's files belong to the database's own user.
  await run('cp', ['-a', `${join(shared, 'clinic')}/.`, folder])
  return folder
}
