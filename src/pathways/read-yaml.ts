import { LineCounter, parseDocument } from 'yaml'

/** A YAML (or JSON) text as it is read: its content, what is wrong with its form, and where a path stands in it, 1-based. */
export interface ReadYaml {
  content: unknown
  faults: { path: string; line: number | undefined; column: number | undefined; message: string }[]
  locate(path: readonly (string | number)[]): { line: number; column: number } | undefined
}

const longest = 400_000

export function readYaml(source: string): ReadYaml {
  const fault = (message: string, at?: { line: number; column: number }) => ({
    path: '',
    line: at?.line,
    column: at?.column,
    message,
  })
  if (source.length > longest)
    return { content: undefined, faults: [fault(`longer than ${longest} characters`)], locate: () => undefined }
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const locate: ReadYaml['locate'] = (path) => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
      if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
        const [start]: unknown[] = node.range
        if (typeof start === 'number') return at(start)
      }
    }
    return undefined
  }
  if (document.errors.length > 0)
    return {
      content: undefined,
      faults: document.errors.map((error) => fault(error.message, at(error.pos[0]))),
      locate,
    }
  try {
    // Aliases that multiply themselves end here.
    return { content: document.toJS({ maxAliasCount: 100 }), faults: [], locate }
  } catch (error) {
    return { content: undefined, faults: [fault(error instanceof Error ? error.message : 'cannot be read')], locate }
  }
}
