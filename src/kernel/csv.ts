import { CodedError, type Fault } from './errors.ts'

/** A row of a table with a head: its values by column, and where it stands in the text, 1-based, the head included. */
export interface CsvRow<C extends string> {
  line: number
  values: Record<C, string>
}

const mostRows = 5_000

/** The records of a CSV text (RFC 4180): fields may stand in double quotes, with commas, line ends and doubled quotes inside. */
function recordsOf(text: string): { line: number; fields: string[]; open: boolean }[] {
  const records: { line: number; fields: string[]; open: boolean }[] = []
  let fields: string[] = []
  let field = ''
  let quoted = false
  let line = 1
  let began = 1
  const endRecord = () => {
    fields.push(field)
    if (fields.length > 1 || fields[0]?.trim() !== '') records.push({ line: began, fields, open: quoted })
    fields = []
    field = ''
    began = line + 1
  }
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]
    if (quoted) {
      if (sign === '"' && text[at + 1] === '"') {
        field += '"'
        at += 1
      } else if (sign === '"') quoted = false
      else {
        if (sign === '\n') line += 1
        field += sign
      }
    } else if (sign === '"' && field === '') quoted = true
    else if (sign === ',') {
      fields.push(field)
      field = ''
    } else if (sign === '\n') {
      endRecord()
      line += 1
    } else if (sign !== '\r') field += sign
  }
  if (field !== '' || fields.length > 0 || quoted) endRecord()
  return records
}

/**
 * Reads a CSV text whose first line names its columns, in any order. Throws `csv-invalid` with every fault, by row and
 * column: a column that is unknown, twice or missing, a row with more or fewer fields, an empty table.
 */
export function readCsv<const C extends string>(
  text: string,
  columns: { needed: readonly C[]; optional: readonly C[] },
): CsvRow<C>[] {
  const faults: Fault[] = []
  const [head, ...body] = recordsOf(text.replace(/^\uFEFF/, ''))
  const names = (head?.fields ?? []).map((name) => name.trim().toLowerCase())
  const known: readonly string[] = [...columns.needed, ...columns.optional]
  for (const [index, name] of names.entries()) {
    if (!known.includes(name))
      faults.push({ path: 'row 1', code: 'unknown-column', message: `there is no column ${name}` })
    if (names.indexOf(name) !== index)
      faults.push({ path: 'row 1', code: 'twice', message: `the column ${name} is there twice` })
  }
  for (const name of columns.needed)
    if (!names.includes(name))
      faults.push({ path: 'row 1', code: 'required', message: `the column ${name} is missing` })
  if (body.length === 0) faults.push({ path: 'row 2', code: 'required', message: 'there are no rows' })
  if (body.length > mostRows)
    faults.push({ path: `row ${mostRows + 2}`, code: 'too-many', message: `${mostRows} rows are the most` })
  for (const { line, fields, open } of body.slice(0, mostRows)) {
    if (open) faults.push({ path: `row ${line}`, code: 'quote', message: 'a quotation mark is not closed' })
    else if (fields.length !== names.length)
      faults.push({
        path: `row ${line}`,
        code: 'fields',
        message: `has ${fields.length} fields and the head ${names.length}`,
      })
  }
  if (faults.length > 0) throw csvInvalid(faults)
  return body.map(({ line, fields }) => ({
    line,
    values: Object.fromEntries(known.map((name) => [name, fields[names.indexOf(name)]?.trim() ?? ''])) as Record<
      C,
      string
    >,
  }))
}

/** The columns that a CSV text has, as its first line names them. */
export const csvHead = (text: string): string[] =>
  (recordsOf(text.replace(/^\uFEFF/, '').split('\n', 1)[0] ?? '')[0]?.fields ?? []).map((name) =>
    name.trim().toLowerCase(),
  )

/** A table as a CSV text that `readCsv` reads back: only what must be is quoted. */
export const writeCsv = (columns: readonly string[], rows: readonly Readonly<Record<string, string>>[]): string =>
  [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]
    .map(
      (fields) =>
        `${fields.map((text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(',')}\n`,
    )
    .join('')

/** The refusal of a table, with the place of each fault: `row 3, column until`. */
export const csvInvalid = (faults: readonly Fault[]): CodedError =>
  new CodedError(
    'csv-invalid',
    { status: 422, issue: 'invalid', text: 'The table cannot be read as it is. Nothing was written.' },
    { faults: faults.slice(0, 100) },
  )
