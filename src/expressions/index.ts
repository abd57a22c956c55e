export { type CelCompiler, createCel, type VariableType, type VariableValue } from './cel.ts'
export type { ExpressionFault } from './expression.ts'
export { type FhirPathCondition, type FhirPathValue, fhirPathCondition, fhirPathValue } from './fhirpath.ts'
export type { TypeTable } from './fhirpath-types.ts'
