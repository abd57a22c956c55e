const space = /[ \t\r\n]*/y
const word = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// oxlint-disable-next-line no-control-regex -- JSON forbids exactly these inside a string
const quoted = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y

/**
 * The offset at which a text stops being JSON (RFC 8259), or its length when it ends too early. `JSON.parse` tells the
 * offset for some faults only, and quotes the text for the others. Called for refused bodies only; keeps its own stack,
 * so that deep nesting cannot exhaust the program's.
 */
export function locateJsonFault(text: string): number {
  let at = 0
  const skip = () => {
    space.lastIndex = at
    space.exec(text)
    at = space.lastIndex
  }
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    const found = pattern.test(text)
    if (found) at = pattern.lastIndex
    return found
  }
  const open: ('{' | '[')[] = []
  let expect: 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'after' = 'value'
  for (;;) {
    skip()
    const sign = text[at]
    if (sign === undefined) return at
    if (expect === 'key' || expect === 'key-or-end') {
      if (expect === 'key-or-end' && sign === '}') {
        at += 1
        open.pop()
        expect = 'after'
        continue
      }
      if (!take(quoted)) return at
      skip()
      if (text[at] !== ':') return at
      at += 1
      expect = 'value'
    } else if (expect === 'after') {
      const inside = open.at(-1)
      if (sign === ',' && inside !== undefined) expect = inside === '{' ? 'key' : 'value'
      else if ((sign === '}' && inside === '{') || (sign === ']' && inside === '[')) open.pop()
      else return at
      at += 1
    } else if (sign === '{' || sign === '[') {
      open.push(sign)
      at += 1
      expect = sign === '{' ? 'key-or-end' : 'value-or-end'
    } else if (expect === 'value-or-end' && sign === ']') {
      open.pop()
      at += 1
      expect = 'after'
    } else {
      if (!take(sign === '"' ? quoted : word)) return at
      expect = 'after'
    }
  }
}
