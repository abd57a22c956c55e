import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import en from './en.json' with { type: 'json' }
import fr from './fr.json' with { type: 'json' }

const folder = new URL('..', import.meta.url).pathname
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /\.tsx?$/.test(path) && !path.startsWith('dist'),
)
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((found) => found[1]).sort()

test('both languages have the same entries, with the same places to fill', () => {
  expect(Object.keys(fr).sort()).toEqual(Object.keys(en).sort())
  const french: Record<string, string> = fr
  for (const [key, text] of Object.entries(en)) {
    // French may say "one" without the number.
    if (key.endsWith('_one')) continue
    expect([key, placeholders(french[key] ?? '')]).toEqual([key, placeholders(text)])
  }
})

test('every word that a page asks for by name is there', () => {
  const asked = sources.flatMap((path) =>
    [...readFileSync(join(folder, path), 'utf8').matchAll(/\bt\(\s*'([^']+)'/g)].map((found) => found[1] ?? ''),
  )
  const known = new Set(Object.keys(en).map((key) => key.replace(/_(?:one|other)$/, '')))
  expect(asked.length).toBeGreaterThan(100)
  expect(asked.filter((key) => !known.has(key))).toEqual([])
})

test('whatever the checker of pathways finds has words in both languages', () => {
  const checker = new URL('../../src/pathways/', import.meta.url).pathname
  const text = readdirSync(checker)
    .filter((name) => /^(?:check.*|parse|compile)\.ts$/.test(name) && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(checker, name), 'utf8'))
    .join('\n')
  const codes = new Set(
    [
      /report\(\s*'(?:error|warning)',\s*'([a-z-]+)'/g,
      /(?:report|finding|make)\(\s*'([a-z]+-[a-z-]+)'/g,
      /#find\(\s*'([a-z-]+)'/g,
      /code: '([a-z-]+)',\s*severity/g,
    ].flatMap((pattern) => [...text.matchAll(pattern)].map((found) => found[1] ?? '')),
  )
  expect(codes.size).toBeGreaterThan(35)
  expect([...codes].filter((code) => !(`finding_${code}` in fr))).toEqual([])
})
