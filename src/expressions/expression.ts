/** An expression that cannot be used: what is wrong, and at which character of the source (0-based) if known. */
export interface ExpressionFault {
  ok: false
  /** What kind of fault, where callers tell it from the others. */
  code?: 'function-not-offered'
  message: string
  offset: number | undefined
}

export interface Compiled<Run> {
  ok: true
  source: string
  run: Run
}

/**
 * Does a source run regular expressions? Where anybody may bring a source, those are not run: one can take longer than
 * anybody waits, and nothing can stop it.
 */
export const runsPatterns = (source: string): boolean => /\b(?:matches|replaceMatches)\s*\(/.test(source)

// Evaluation has no loops besides those over the resource itself, so bounding the source bounds the time.
export const longestSource = 2_000
