import { placeholders, type Template } from './model.ts'
import type { Finding } from './parse.ts'

/** What is wrong with a message template: a placeholder that does not exist, or patient data in the subject. */
export function checkTemplate(template: Template): Finding[] {
  const findings: Finding[] = []
  for (const part of ['subject', 'body', 'sms'] as const)
    for (const [language, text] of Object.entries(template[part]))
      for (const [, name = ''] of text.matchAll(/\{\{\s*([^}]*?)\s*\}\}/g)) {
        const path = `${part}.${language}`
        const finding = (code: string, message: string) =>
          findings.push({ code, severity: 'error', path, line: undefined, column: undefined, message })
        if (!placeholders.some((known) => known === name)) finding('unknown-placeholder', `there is no {{${name}}}`)
        else if (part === 'subject' && !name.startsWith('clinic.'))
          finding('patient-data-in-subject', `{{${name}}} must not stand in a subject line`)
      }
  return findings
}
