import type { Extension, OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes'

/** Why something of a definition was not applied. Stable codes; each has its line in `docs/fhir-pathways.md`. */
export const applyCodes = {
  'not-evaluated': 'not-supported',
  'definition-missing': 'not-found',
  'definition-in-itself': 'business-rule',
  'kind-missing': 'required',
  'kind-unsupported': 'not-supported',
  'transform-not-run': 'not-supported',
  'path-unsupported': 'not-supported',
  'value-unfit': 'value',
  'request-invalid': 'invariant',
  'related-action-missing': 'not-found',
  'timing-not-carried': 'not-supported',
  'too-many-actions': 'too-long',
} as const satisfies Record<string, OperationOutcomeIssue['code']>
export type ApplyCode = keyof typeof applyCodes

/** Gathers what was left undone. `path`: FHIRPath of the element in the definition that was applied. */
export class Issues {
  readonly #list: OperationOutcomeIssue[] = []

  add(code: ApplyCode, path: string, message: string): void {
    // Hostile input does not grow the answer.
    if (this.#list.length >= 200) return
    this.#list.push({
      severity: code === 'request-invalid' || code === 'definition-missing' ? 'error' : 'warning',
      code: applyCodes[code],
      details: { coding: [{ system: 'urn:throughline:error', code }] },
      diagnostics: `${path} ${message}`,
      expression: [path],
    })
  }

  get list(): readonly OperationOutcomeIssue[] {
    return this.#list
  }

  /** As what a result contains, with the extension that points at it (CRMI: cqf-messages). Undefined when all was done. */
  told(): { outcome: OperationOutcome; extension: Extension } | undefined {
    if (this.#list.length === 0) return undefined
    return {
      outcome: { resourceType: 'OperationOutcome', id: 'outcome', issue: [...this.#list] },
      extension: {
        url: 'http://hl7.org/fhir/StructureDefinition/cqf-messages',
        valueReference: { reference: '#outcome' },
      },
    }
  }
}
