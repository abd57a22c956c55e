import { createContext, useContext } from 'react'
import type { DesignSurroundings, Finding } from '../../src/contracts/index.ts'
import type { Definition, Design, Template } from '../../src/pathways/index.ts'

/** The parts of a draft that are worked on together. */
export interface Work {
  source: string
  templates: readonly Template[]
  scenarios: readonly { name: string; source: string }[]
}

export type Chosen =
  | { kind: 'pathway' }
  | { kind: 'track'; id: string }
  | { kind: 'step'; id: string }
  | { kind: 'line'; from: string; to: string }

export interface Designer {
  work: Work
  /** The pathway as it last could be read. */
  design: Design
  /** Whether the text can be read as it stands; if not, the forms rest. */
  readable: boolean
  /** The pathway as the engine takes it; undefined while the checker finds errors in its shape. */
  definition: Definition | undefined
  findings: readonly Finding[]
  /** Whether the findings are those of the text as it stands. */
  checked: boolean
  surroundings: DesignSurroundings
  /** The draft's own messages, and the library's that it does not write anew. */
  templates: readonly Template[]
  chosen: Chosen
  choose(chosen: Chosen): void
  /** `about`: changes of the same thing in a row are undone at once. */
  edit(change: (design: Design) => Design, about?: string): void
  write(change: Partial<Work>, about?: string): void
  undo(): void
  redo(): void
  mayUndo: boolean
  mayRedo: boolean
}

export const DesignContext = createContext<Designer | undefined>(undefined)

export function useDesigner(): Designer {
  const designer = useContext(DesignContext)
  if (!designer) throw new TypeError('outside of the designer')
  return designer
}

/** The findings about what stands at a path, or within it. */
export const findingsAt = (findings: readonly Finding[], path: string): Finding[] =>
  findings.filter((finding) => finding.path === path || finding.path.startsWith(`${path}.`))

/** The step that a finding is about. */
export const stepOfPath = (path: string): string | undefined => /^tracks\.[^.]+\.steps\.([^.]+)/.exec(path)?.[1]
