/** Shapes of the HTTP API that the console speaks, by what they are about. */
export * from './audit.ts'
export * from './flows.ts'
export * from './journeys.ts'
export * from './messages.ts'
<<<<<<< HEAD
export * from './moves.ts'
=======
export * from './pathway-parts.ts'
>>>>>>> main
export * from './pathway-fhir.ts'
export * from './pathways.ts'
export * from './people.ts'
export * from './replays.ts'
export * from './shared.ts'
export * from './terminology.ts'
export * from './versions.ts'
export * from './work.ts'
