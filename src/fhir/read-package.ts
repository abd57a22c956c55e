import { refuse } from './errors.ts'

/** What of a FHIR package is kept: what describes resources and codes. Its examples and its own description are not. */
const kept =
  /^package\/(?:StructureDefinition|ValueSet|CodeSystem|ConceptMap|SearchParameter|NamingSystem)-[^/]+\.json$/
const block = 512

const text = (bytes: Buffer, from: number, length: number) =>
  bytes.toString('utf8', from, from + length).replace(/\0.*$/s, '')

/**
 * The files of a FHIR NPM package (an unpacked `.tgz`: POSIX tar) that hold profiles, extensions, value sets and code
 * systems, by their names. Refused when it is no tar.
 */
export function readPackage(tar: Buffer): Map<string, string> {
  const files = new Map<string, string>()
  let longName: string | undefined
  for (let at = 0; at + block <= tar.length; ) {
    const name = text(tar, at, 100)
    if (name === '') break
    const size = Number.parseInt(text(tar, at + 124, 12).trim(), 8)
    const start = at + block
    if (text(tar, at + 257, 5) !== 'ustar' || !Number.isSafeInteger(size) || size < 0 || start + size > tar.length)
      throw refuse('import-unreadable', { faults: [{ path: `byte ${at}`, message: 'is no entry of a package' }] })
    const kind = text(tar, at + 156, 1)
    const prefix = text(tar, at + 345, 155)
    const full = longName ?? (prefix === '' ? name : `${prefix}/${name}`)
    longName = undefined
    // A name of more than a hundred bytes comes before its file: `x` as pax writes it, `L` as GNU tar does.
    if (kind === 'x') longName = /\d+ path=(.*)\n/.exec(tar.toString('utf8', start, start + size))?.[1]
    else if (kind === 'L') longName = text(tar, start, size)
    else if ((kind === '0' || kind === '') && kept.test(full))
      files.set(full, tar.toString('utf8', start, start + size))
    at = start + Math.ceil(size / block) * block
  }
  return files
}
