export { saysFault } from './fault-words.ts'
export { checkQuestionnaire } from './check-questionnaire.ts'
export { begin, checkResponse, type FillContext, type Filled, fill } from './fill.ts'
export { type Form, readForm } from './form.ts'
export { readable } from './readable.ts'
export { readSheet, type Sheet, withAnswers, withoutRow, withRow } from './sheet.ts'

export { bothOf } from './words.ts'
