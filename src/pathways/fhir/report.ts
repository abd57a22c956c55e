/** What became of one element of what was imported. */
export interface ImportNote {
  /**
   * `refused`: nothing could be made; `left-out`: it has no place in the language; `guessed`: something had to be assumed;
   * `understood`: what it became.
   */
  kind: 'refused' | 'left-out' | 'guessed' | 'understood'
  /** Stable, of this list: see `docs/fhir-pathways.md`. */
  code: string
  /** FHIRPath of the element in what was imported. */
  path: string
  message: string
}

export const note = (kind: ImportNote['kind'], code: string, path: string, message: string): ImportNote => ({
  kind,
  code,
  path,
  message,
})
