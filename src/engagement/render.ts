/** Puts values into a template's `{{placeholders}}`; one without a value becomes empty, never the placeholder itself. */
export const render = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_whole, name: string) => values[name] ?? '')
