/**
 * Regular expressions in time that grows with the text alone: what anybody may bring as a pattern cannot keep the server
 * busy. The part of the syntax that XML Schema and JavaScript share, without look-around and back references: literals,
 * `.`, classes, `\d \w \s` and their opposites, groups, `|`, `* + ? {n,m}`, `^` and `$`. The machine is Thompson's: all
 * ways through the pattern are followed at once, a character at a time.
 */
export interface Pattern {
  /** Whether the whole text, or with `within` some part of it, is what the pattern describes. */
  test(text: string, how?: 'within'): boolean
}

type Takes = (character: string) => boolean
type Step =
  | { kind: 'take'; takes: Takes; next: number }
  | { kind: 'fork'; next: number; other: number }
  | { kind: 'start' | 'end'; next: number }
  | { kind: 'match' }

/** A piece of pattern as a tree, before it becomes steps. */
type Piece =
  | { is: 'take'; takes: Takes }
  | { is: 'start' | 'end' }
  | { is: 'all' | 'any'; pieces: Piece[] }
  | { is: 'times'; piece: Piece; least: number; most: number }

const mostSteps = 4_000
const longestPattern = 500
const mostNesting = 20

class PatternFault extends Error {}

/** Reads a pattern; the fault in words when it cannot be read or is too large. */
export function readPattern(source: string): Pattern | { fault: string } {
  try {
    if (source.length > longestPattern) throw new PatternFault(`is longer than ${longestPattern} characters`)
    const steps: Step[] = []
    const entry = write(new Reader(source).whole(), steps, add(steps, { kind: 'match' }))
    return { test: (text, how) => runs(steps, entry, Array.from(text), how === 'within') }
  } catch (error) {
    if (error instanceof PatternFault) return { fault: error.message }
    throw error
  }
}

class Reader {
  readonly #text: string[]
  #at = 0
  #depth = 0

  constructor(source: string) {
    this.#text = Array.from(source)
  }

  whole(): Piece {
    const piece = this.#choice()
    if (this.#at < this.#text.length) throw new PatternFault('has a ) too many')
    return piece
  }

  #choice(): Piece {
    this.#depth += 1
    if (this.#depth > mostNesting) throw new PatternFault('is nested too deeply')
    const pieces = [this.#row()]
    while (this.#is('|')) pieces.push(this.#row())
    this.#depth -= 1
    return pieces.length === 1 && pieces[0] ? pieces[0] : { is: 'any', pieces }
  }

  #row(): Piece {
    const pieces: Piece[] = []
    for (
      let next = this.#text[this.#at];
      next !== undefined && next !== '|' && next !== ')';
      next = this.#text[this.#at]
    )
      pieces.push(this.#repeated())
    return { is: 'all', pieces }
  }

  #repeated(): Piece {
    let piece = this.#single()
    for (;;) {
      const times = this.#times()
      if (!times) return piece
      piece = { is: 'times', piece, ...times }
      // Whether as much or as little as possible is taken does not matter to whether it matches.
      this.#is('?')
    }
  }

  #times(): { least: number; most: number } | undefined {
    if (this.#is('*')) return { least: 0, most: Number.POSITIVE_INFINITY }
    if (this.#is('+')) return { least: 1, most: Number.POSITIVE_INFINITY }
    if (this.#is('?')) return { least: 0, most: 1 }
    const counted = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(this.#text.slice(this.#at, this.#at + 12).join(''))
    if (!counted) return undefined
    this.#at += counted[0].length
    const least = Number(counted[1])
    const most = counted[2] === '' ? least : counted[3] === '' ? Number.POSITIVE_INFINITY : Number(counted[3])
    if (most < least) throw new PatternFault('counts down')
    return { least, most }
  }

  #single(): Piece {
    const character = this.#take()
    switch (character) {
      case '(': {
        if (this.#is('?') && !this.#is(':')) throw new PatternFault('looks around or names a group')
        const piece = this.#choice()
        if (!this.#is(')')) throw new PatternFault('has a ( too many')
        return piece
      }
      case '[':
        return { is: 'take', takes: this.#class() }
      case '.':
        return { is: 'take', takes: (one) => one !== '\n' && one !== '\r' }
      case '^':
        return { is: 'start' }
      case '$':
        return { is: 'end' }
      case '\\':
        return { is: 'take', takes: this.#escaped() }
      case '*':
      case '+':
      case '?':
        throw new PatternFault(`repeats nothing with ${character}`)
      default:
        return { is: 'take', takes: (one) => one === character }
    }
  }

  #class(): Takes {
    const not = this.#is('^')
    const parts: Takes[] = []
    for (let first = true; first || this.#text[this.#at] !== ']'; first = false) {
      const from = this.#take()
      if (from === '\\') {
        parts.push(this.#escaped())
        continue
      }
      if (this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']') {
        this.#at += 1
        const to = this.#take()
        if (to === '\\' || to < from) throw new PatternFault(`has a range ${from}-${to}`)
        parts.push((one) => one >= from && one <= to)
      } else parts.push((one) => one === from)
    }
    this.#at += 1
    return (one) => parts.some((part) => part(one)) !== not
  }

  #escaped(): Takes {
    const letter = this.#take()
    const named = /[dws]/i.test(letter) ? letter : undefined
    if (named !== undefined) {
      const set = { d: /\d/, w: /\w/, s: /\s/ }[named.toLowerCase()] ?? /\d/
      const not = named !== named.toLowerCase()
      return (one) => set.test(one) !== not
    }
    const control = { n: '\n', r: '\r', t: '\t' }[letter]
    if (control !== undefined) return (one) => one === control
    if (/[a-z0-9]/i.test(letter)) throw new PatternFault(`uses \\${letter}`)
    return (one) => one === letter
  }

  #take(): string {
    const character = this.#text[this.#at]
    if (character === undefined) throw new PatternFault('ends too early')
    this.#at += 1
    return character
  }

  #is(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }
}

function add(steps: Step[], step: Step): number {
  if (steps.length >= mostSteps) throw new PatternFault('counts too far')
  return steps.push(step) - 1
}

/** Writes a piece's steps so that they lead to `next`; gives where they begin. */
function write(piece: Piece, steps: Step[], next: number): number {
  switch (piece.is) {
    case 'take':
      return add(steps, { kind: 'take', takes: piece.takes, next })
    case 'start':
    case 'end':
      return add(steps, { kind: piece.is, next })
    case 'all':
      return piece.pieces.reduceRight((following, one) => write(one, steps, following), next)
    case 'any':
      return piece.pieces
        .map((one) => write(one, steps, next))
        .reduceRight((other, one) => add(steps, { kind: 'fork', next: one, other }))
    case 'times':
      return writeTimes(piece, steps, next)
  }
}

function writeTimes({ piece, least, most }: Piece & { is: 'times' }, steps: Step[], next: number): number {
  let entry = next
  if (most === Number.POSITIVE_INFINITY) {
    const loop: Step & { kind: 'fork' } = { kind: 'fork', next, other: next }
    entry = add(steps, loop)
    loop.next = write(piece, steps, entry)
  } else
    for (let optional = least; optional < most; optional += 1)
      entry = add(steps, { kind: 'fork', next: write(piece, steps, entry), other: next })
  for (let needed = 0; needed < least; needed += 1) entry = write(piece, steps, entry)
  return entry
}

function runs(steps: readonly Step[], entry: number, text: readonly string[], within: boolean): boolean {
  let here = new Set<number>()
  for (let at = 0; ; at += 1) {
    if (at === 0 || within) here.add(entry)
    // A set is walked in the order of its additions, those made on the way included.
    const next = new Set<number>()
    for (const index of here) {
      const step = steps[index]
      if (step?.kind === 'match' && (within || at === text.length)) return true
      if (step?.kind === 'fork') here.add(step.next).add(step.other)
      else if ((step?.kind === 'start' && at === 0) || (step?.kind === 'end' && at === text.length)) here.add(step.next)
      else if (step?.kind === 'take') {
        const character = text[at]
        if (character !== undefined && step.takes(character)) next.add(step.next)
      }
    }
    if (at >= text.length) return false
    here = next
  }
}
