import { stringify } from 'yaml'
import type { Definition } from './model.ts'

/** A definition as YAML: the source that `parse` reads it back from. */
export const sourceOf = (definition: Definition): string =>
  stringify(definition, { lineWidth: 110, aliasDuplicateObjects: false })
