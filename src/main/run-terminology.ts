import { parseArgs } from 'node:util'
import { type CallContext, newId, systemActor, systemClock, tenantId } from '../kernel/index.ts'
import { beginLoad, confirmLicence, isKind, kinds } from '../terminology/index.ts'
import { readConfig } from './config.ts'
import { openHouse } from './open.ts'

const usage = `throughline terminology load <kind> <zip or folder> --licensed [--version V] [--replace] [--tenant T]
  kinds: ${Object.keys(kinds).join(', ')}
  --licensed says that the organisation has read the owner's terms and has the licence they ask for
`

/** `throughline terminology load …`: loads a terminology from its owner's files; joins a server that runs, or opens the data itself. */
export async function runTerminology([command, ...rest]: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...rest],
    allowPositionals: true,
    options: {
      tenant: { type: 'string' },
      version: { type: 'string' },
      replace: { type: 'boolean' },
      licensed: { type: 'boolean' },
    },
  })
  const [kind = '', path] = positionals
  if (command !== 'load' || !isKind(kind) || path === undefined) {
    process.stdout.write(usage)
    process.exitCode = 2
    return
  }
  const house = await openHouse(readConfig(process.env), systemClock, { visit: true })
  try {
    const { database, log } = house
    const tenants = await database.tenants()
    const tenant = values.tenant === undefined ? tenants[0] : tenantId(values.tenant)
    if (tenant === undefined || !tenants.includes(tenant)) throw new Error('there is no such organisation')
    const context: CallContext = {
      tenant,
      actor: { ...systemActor, id: 'terminology' },
      clock: systemClock,
      requestId: newId(systemClock),
      locale: 'en',
    }
    if (values.licensed) await confirmLicence(database, context, kind)
    const { done } = await beginLoad({ database, log }, context, {
      kind,
      path,
      version: values.version,
      replace: values.replace,
      hear: (phase, at, total) => {
        if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${phase} ${at}${total > 0 ? ` of ${total}` : ''}`)
      },
    })
    const loaded = await done.finally(() => {
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    })
    process.stdout.write(
      `${loaded.url} ${loaded.version}: ${loaded.concepts} concepts, ${loaded.valueSets} value sets, ${loaded.maps} maps\n`,
    )
  } finally {
    await house.close()
  }
}
