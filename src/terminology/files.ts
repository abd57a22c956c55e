import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import { type Entry, open as openZip, type ZipFile } from 'yauzl'
import { refuse } from './errors.ts'

/** The files of a release as its owner gives them out: a folder, a zip, or a single file. */
export interface ReleaseFiles {
  /** Name of the folder, zip or file itself. */
  name: string
  /** Paths within it, with `/`. */
  paths: readonly string[]
  /** Lines of UTF-8 text, without their ends. */
  lines(path: string): AsyncGenerator<string>
  /** Bytes handed out so far, and of all files that were asked for. */
  read: { bytes: number; of: number }
  close(): void
}

interface Source {
  paths: Map<string, { bytes: number; stream(): Promise<Readable> }>
  close(): void
}

export async function openFiles(path: string): Promise<ReleaseFiles> {
  const info = await stat(path).catch((cause: unknown) => {
    throw refuse('files-unreadable', { faults: [{ path: basename(path), message: 'does not exist' }], cause })
  })
  const source = info.isDirectory()
    ? await openFolder(path)
    : (await isZip(path))
      ? await openArchive(path)
      : single(path, info.size)
  const read = { bytes: 0, of: 0 }
  return {
    name: basename(path),
    paths: [...source.paths.keys()],
    read,
    close: source.close,
    async *lines(wanted) {
      const file = source.paths.get(wanted)
      if (!file) throw refuse('files-missing', { faults: [{ path: wanted, message: 'is not among the files' }] })
      read.of += file.bytes
      const decoder = new TextDecoder()
      let rest = ''
      try {
        for await (const chunk of await file.stream()) {
          read.bytes += chunk.length
          const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
        }
      } catch (cause) {
        throw refuse('files-unreadable', { faults: [{ path: wanted, message: 'breaks off' }], cause })
      }
      rest += decoder.decode()
      if (rest !== '') yield rest
    },
  }
}

const single = (path: string, bytes: number): Source => ({
  paths: new Map([[basename(path), { bytes, stream: async () => createReadStream(path) }]]),
  close() {},
})

async function openFolder(folder: string): Promise<Source> {
  const paths: Source['paths'] = new Map()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const { size } = await stat(file)
    paths.set(file.slice(folder.length).replace(/^\//, ''), { bytes: size, stream: async () => createReadStream(file) })
  }
  return { paths, close() {} }
}

async function isZip(path: string): Promise<boolean> {
  const handle = await open(path)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    return bytesRead === 4 && buffer.readUInt32LE() === 0x04034b50
  } finally {
    await handle.close()
  }
}

async function openArchive(path: string): Promise<Source> {
  const unreadable = (cause: unknown) =>
    refuse('files-unreadable', { faults: [{ path: basename(path), message: 'is no whole zip' }], cause })
  const zip = await new Promise<ZipFile>((done, fail) => {
    openZip(path, { lazyEntries: true, autoClose: false }, (error, opened) =>
      opened ? done(opened) : fail(unreadable(error)),
    )
  })
  const stream = (entry: Entry) =>
    new Promise<Readable>((done, fail) => {
      zip.openReadStream(entry, (error, opened) => (opened ? done(opened) : fail(unreadable(error))))
    })
  const paths: Source['paths'] = new Map()
  await new Promise<void>((done, fail) => {
    zip.on('entry', (entry: Entry) => {
      if (!entry.fileName.endsWith('/'))
        paths.set(entry.fileName, { bytes: entry.uncompressedSize, stream: () => stream(entry) })
      zip.readEntry()
    })
    zip.on('end', done)
    zip.on('error', (error: Error) => fail(unreadable(error)))
    zip.readEntry()
  })
  return { paths, close: () => zip.close() }
}

/** The one path that a pattern fits; the shortest of several. */
export const findPath = (files: ReleaseFiles, pattern: RegExp): string | undefined =>
  files.paths.filter((path) => pattern.test(path)).toSorted((a, b) => a.length - b.length)[0]

export function needPath(files: ReleaseFiles, pattern: RegExp, name: string): string {
  const path = findPath(files, pattern)
  if (path === undefined) throw refuse('files-missing', { faults: [{ path: name, message: 'is not among the files' }] })
  return path
}
