import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import elementTypes from '../expressions/generated/element-types.json' with { type: 'json' }
import { type Library, momentOf, readLibrary, readYaml, type Surroundings } from '../pathways/index.ts'
import { type HouseOntology, readOntology } from '../work/index.ts'

const ontologyOf = ({ ontology, calendar, roles }: Library): HouseOntology =>
  readOntology({
    files: ontology,
    read: readYaml,
    momentOf: (text) => momentOf(text, calendar.zone),
    calendar,
    roles: roles.map(({ id }) => id),
  })

/** The folder of pathways, templates, roles and calendar that a clinic starts with. */
export const libraryFolder = new URL('../../library/', import.meta.url).pathname

export async function loadLibrary(folder = libraryFolder): Promise<{
  library: Library
  ontology: HouseOntology
  surroundings: Surroundings
}> {
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.yaml')).sort()
  const files = Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path), 'utf8')] as const)),
  )
  const library = readLibrary(files)
  const ontology = ontologyOf(library)
  return {
    library,
    ontology,
    surroundings: {
      roles: library.roles.map((role) => role.id),
      kinds: ontology.kinds.map((kind) => kind.id),
      templates: library.templates,
      channels: ['sms', 'email'],
      forms: library.forms.map((form) => form.url),
      table: elementTypes.types,
    },
  }
}
