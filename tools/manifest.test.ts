import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { differences, manifestOf } from './manifest.ts'

const root = new URL('../', import.meta.url).pathname

test('a manifest names every file that runs, and tells what was changed, taken away or added since', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-manifest-'))
  try {
    for (const part of ['bin', 'library', 'migrations', 'package.json', 'package-lock.json'])
      cpSync(join(root, part), join(folder, part), { recursive: true })
    for (const part of ['src', 'console']) mkdirSync(join(folder, part))
    const before = manifestOf(folder)
    expect(before.files['migrations/0001_ground.sql']).toMatch(/^[0-9a-f]{64}$/)
    expect(before.files['package-lock.json']).toBeDefined()
    expect(manifestOf(folder)).toEqual(before)
    writeFileSync(join(folder, 'library/flags.yaml'), '[]')
    rmSync(join(folder, 'migrations/0001_ground.sql'))
    writeFileSync(join(folder, 'src/more.ts'), '')
    const now = manifestOf(folder)
    expect(now.whole).not.toBe(before.whole)
    expect(differences(before, now)).toEqual([
      'changed library/flags.yaml',
      'gone migrations/0001_ground.sql',
      'new src/more.ts',
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
