/** Rows of a CSV (RFC 4180) as objects by its heading; a quoted field may hold commas, quotes (doubled) and line breaks. */
export async function* readCsv(lines: AsyncIterable<string>): AsyncGenerator<Record<string, string>> {
  let heading: string[] | undefined
  let held = ''
  for await (const line of lines) {
    held = held === '' ? line : `${held}\n${line}`
    // An odd number of quotes: the field goes on in the next line.
    if ((held.split('"').length - 1) % 2 === 1) continue
    const cells = splitRow(held)
    held = ''
    if (heading === undefined) heading = cells.map((name) => name.replace(/^\uFEFF/, ''))
    else if (cells.length > 1 || cells[0] !== '')
      yield Object.fromEntries(heading.map((name, index) => [name, cells[index] ?? '']))
  }
}

function splitRow(row: string): string[] {
  const cells: string[] = []
  for (let at = 0; at <= row.length; ) {
    if (row[at] === '"') {
      let end = at + 1
      while (end < row.length && (row[end] !== '"' || row[end + 1] === '"')) end += row[end] === '"' ? 2 : 1
      cells.push(row.slice(at + 1, end).replaceAll('""', '"'))
      at = end + 2
    } else {
      const comma = row.indexOf(',', at)
      const end = comma < 0 ? row.length : comma
      cells.push(row.slice(at, end))
      at = end + 1
    }
  }
  return cells
}
