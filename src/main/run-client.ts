import { parseArgs } from 'node:util'
import { identity } from '../contracts/index.ts'
import { changeClient, listClients, registerClient } from '../identity/index.ts'
import { type CallContext, newId, systemActor, systemClock, tenantId } from '../kernel/index.ts'
import { roleTitles } from '../access/index.ts'
import { readConfig } from './config.ts'
import { openHouse } from './open.ts'

const usage = `throughline client list
throughline client add --name <text> --kind public|confidential|backend --scope <scopes>
    [--redirect <address>]… [--launch <address>] [--role <role>]… [--jwks-uri <address>]
    [--private-key] [--trusted] [--introspects]
throughline client disable <id>
Every command takes --tenant <name> where there are several organisations.
`

const options = {
  tenant: { type: 'string' },
  name: { type: 'string' },
  kind: { type: 'string' },
  scope: { type: 'string' },
  redirect: { type: 'string', multiple: true },
  launch: { type: 'string' },
  role: { type: 'string', multiple: true },
  'jwks-uri': { type: 'string' },
  'private-key': { type: 'boolean' },
  trusted: { type: 'boolean' },
  introspects: { type: 'boolean' },
} as const

/** `throughline client …`: the applications that may ask to be let in, as an operator keeps them; joins a server that runs. */
export async function runClient(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const [command, id] = positionals
  if (command !== 'list' && command !== 'add' && !(command === 'disable' && id !== undefined)) {
    process.stdout.write(usage)
    process.exitCode = 2
    return
  }
  // Read before anything is opened: a mistake is told at once.
  const given = command === 'add' ? clientOf(values) : undefined
  const house = await openHouse(readConfig(process.env), systemClock, { visit: true })
  try {
    const tenants = await house.database.tenants()
    const tenant = values.tenant ?? (tenants.length === 1 ? tenants[0] : undefined)
    if (tenant === undefined || !tenants.some((one) => one === tenant))
      throw new Error(`say which organisation by --tenant: ${tenants.join(', ')}`)
    const context: CallContext = {
      tenant: tenantId(tenant),
      actor: { ...systemActor, id: 'command-line' },
      clock: systemClock,
      requestId: newId(systemClock),
      locale: 'en',
    }
    await house.database.transaction(context.tenant, async (tx) => {
      if (command === 'list')
        for (const client of await listClients(tx))
          process.stdout.write(
            `${client.id}  ${client.kind.padEnd(12)} ${client.disabled ? 'disabled' : 'active  '}  ${client.name}  ${client.scope}\n`,
          )
      if (command === 'disable' && id !== undefined) await changeClient(tx, context, id, { disabled: true })
      if (given) {
        const made = await registerClient(tx, context, given)
        process.stdout.write(`client_id      ${made.id}\n`)
        if (made.secret !== null) process.stdout.write(`client_secret  ${made.secret}   (shown this once)\n`)
      }
    })
  } finally {
    await house.close()
  }
}

function clientOf(values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values']) {
  const checked = identity.clientGiven.safeParse({
    name: values.name,
    kind: values.kind,
    scope: values.scope,
    redirectUris: values.redirect ?? [],
    launchUri: values.launch ?? null,
    roles: values.role ?? [],
    jwksUri: values['jwks-uri'] ?? null,
    authentication: values['private-key'] ? 'private-key' : undefined,
    trusted: values.trusted ?? false,
    introspects: values.introspects ?? false,
  })
  if (!checked.success)
    throw new Error(checked.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '))
  const known = roleTitles().map(({ id }) => id)
  const unknown = checked.data.roles.find((role) => !known.includes(role))
  if (unknown !== undefined) throw new Error(`there is no role ${unknown}: ${known.join(', ')}`)
  return checked.data
}
