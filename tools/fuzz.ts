// Random calls against the program: node bin/node24.js tools/fuzz.ts [--seconds 600] [--seed 1]
// Ends with 1 if anything was answered with 500 or without a code, did not answer, or ended the program.
import { parseArgs } from 'node:util'
import { startFreshClinic } from '../testkit/fresh-clinic.ts'
import { fuzz } from '../testkit/fuzz.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string', default: '1' } },
})
const clinic = await startFreshClinic()
const report = await fuzz({
  url: clinic.url,
  token: clinic.token,
  cookie: await clinic.signIn(),
  seed: Number(values.seed),
  milliseconds: Number(values.seconds) * 1000,
})
process.stdout.write(
  `seed ${values.seed}: ${report.calls} calls, answers by status ${JSON.stringify(report.statuses)}\n`,
)
for (const { number, call, what } of report.faults) process.stdout.write(`#${number} ${what}\n    ${call}\n`)
const ended = clinic.server.child.exitCode !== null
if (ended) process.stdout.write('the program has ended\n')
else await clinic.close()
process.exitCode = ended || report.faults.length > 0 ? 1 : 0
