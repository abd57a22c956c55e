/** Puts the cursor of a field at a place of its text, and the place into view. */
export function goToLine(field: HTMLTextAreaElement | null, text: string, line: number, column: number): void {
  if (!field) return
  const before = text.split('\n').slice(0, line - 1)
  const start = before.join('\n').length + (line > 1 ? 1 : 0) + column - 1
  field.focus()
  field.setSelectionRange(start, start)
  field.scrollTop = Math.max(0, (line - 6) * Number.parseFloat(getComputedStyle(field).lineHeight))
}
