import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import elementTypes from '../expressions/generated/element-types.json' with { type: 'json' }
import { type Library, readLibrary, type Surroundings } from '../pathways/index.ts'

/** The folder of pathways, templates, roles and calendar that a clinic starts with. */
export const libraryFolder = new URL('../../library/', import.meta.url).pathname

export async function loadLibrary(folder = libraryFolder): Promise<{ library: Library; surroundings: Surroundings }> {
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.yaml')).sort()
  const files = Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path), 'utf8')] as const)),
  )
  const library = readLibrary(files)
  return {
    library,
    surroundings: {
      roles: library.roles.map((role) => role.id),
      templates: library.templates,
      channels: ['sms', 'email'],
      forms: library.forms.map((form) => form.url),
      table: elementTypes.types,
    },
  }
}
