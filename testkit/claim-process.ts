// One person's process of the test of claims at once: tries to take every task in an order of its own, then reports which it got.
import { createRecord } from '../src/fhir/index.ts'
import { openDatabase } from '../src/db/index.ts'
import { type CallContext, CodedError, createChance, systemClock, tenantId } from '../src/kernel/index.ts'
import { loadLibrary } from '../src/main/load-library.ts'
import { createRosterOf } from '../src/scheduling/index.ts'
import { actOnTask, createRouting, createTaskProjection } from '../src/work/index.ts'

const [socketFolder = '', name = '', person = '', count = '0'] = process.argv.slice(2)
const database = openDatabase({ socketFolder, database: name }, { connections: 2 })
const alpha = tenantId('alpha')
const { ontology } = await loadLibrary()
const routing = createRouting({
  ontology,
  rosterOf: createRosterOf(ontology.zone),
  read: (tx, reference) => record.read(tx, reference),
})
const record = createRecord({ projections: [createTaskProjection(routing)] })
const context: CallContext = {
  tenant: alpha,
  actor: { kind: 'account', id: person, name: person, reference: `Practitioner/${person}`, roles: ['triage-nurse'] },
  clock: systemClock,
  requestId: person,
  locale: 'en',
}
process.send?.('ready')
await new Promise<void>((go) => process.once('message', () => go()))
const chance = createChance(Number(person.replace(/\D/g, '')))
const tasks = Array.from({ length: Number(count) }, (_none, n) => `claim-${n}`)
for (let n = tasks.length - 1; n > 0; n -= 1) {
  const other = chance.below(n + 1)
  const [a = '', b = ''] = [tasks[n], tasks[other]]
  tasks[n] = b
  tasks[other] = a
}
const got: string[] = []
const refused: Record<string, number> = {}
for (const task of tasks)
  await database
    .transaction(alpha, (tx) =>
      actOnTask(tx, context, record, task, { do: 'claim' }, { mayManage: false, roles: [], routing }),
    )
    .then(
      () => got.push(task),
      (error: unknown) => {
        if (!(error instanceof CodedError)) throw error
        refused[error.code] = (refused[error.code] ?? 0) + 1
      },
    )
process.send?.({ got, refused })
await database.close()
process.disconnect()
