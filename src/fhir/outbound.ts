import { lookup as resolve } from 'node:dns'
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/**
 * Where this server may call out to, when somebody outside names the address. Without a rule: https, to addresses of the
 * open internet only, so that nobody makes us knock at our own doors or at the cloud's metadata service.
 */
export interface OutboundRules {
  /** `host` or `host:port`: this one by any address, also by plain http. `10.2.0.0/16`: these addresses, by https. */
  allow: readonly string[]
}

// Not the open internet: IANA's special-purpose registries (RFC 6890 and successors).
const closed = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  closed.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['::', 96],
  ['64:ff9b::', 32],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
] as const)
  closed.addSubnet(network, bits, 'ipv6')

// Where clouds tell a machine its own secrets; no rule opens these.
const metadata = new BlockList()
metadata.addAddress('169.254.169.254', 'ipv4')
metadata.addAddress('100.100.100.200', 'ipv4')
metadata.addAddress('fd00:ec2::254', 'ipv6')

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** An IPv4 address in IPv6 clothes is looked at as what it is. */
function plain(address: string): string {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1]
  if (dotted !== undefined) return dotted
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(bare)
  if (!hex) return bare
  const [high, low] = [Number.parseInt(hex[1] ?? '', 16), Number.parseInt(hex[2] ?? '', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

const named = (url: URL, rules: OutboundRules): boolean => {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return rules.allow.some((one) => one === url.hostname || one === `${url.hostname}:${port}`)
}

function networks(rules: OutboundRules): BlockList {
  const open = new BlockList()
  for (const one of rules.allow) {
    const [, network, bits] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(one) ?? []
    if (network !== undefined && isIP(network) !== 0) open.addSubnet(network, Number(bits), familyOf(network))
  }
  return open
}

function mayReach(address: string, url: URL, rules: OutboundRules): boolean {
  const one = plain(address)
  if (metadata.check(one, familyOf(one))) return false
  return !closed.check(one, familyOf(one)) || named(url, rules) || networks(rules).check(one, familyOf(one))
}

/** Why this address must not be called, as far as it can be told without asking the name server; undefined when it may. */
export function refuseAddress(text: string, rules: OutboundRules): string | undefined {
  if (!URL.canParse(text)) return 'is not an absolute URL'
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'is neither https nor http'
  if (url.username !== '' || url.password !== '') return 'has a name or a password in it'
  if (url.protocol === 'http:' && !named(url, rules)) return 'is not https, and is not on the list of allowed addresses'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !mayReach(host, url, rules)) return 'is not an address of the open internet'
  if ((host === 'localhost' || host.endsWith('.localhost')) && !named(url, rules)) return 'is this machine itself'
  return undefined
}

/** A failure to reach somebody outside; its message says nothing that they sent. */
export class OutboundFailure extends Error {
  override name = 'OutboundFailure'
}

// Connections are kept: ten thousand notifications to one receiver are not ten thousand TLS handshakes.
const agents = {
  http: new HttpAgent({ keepAlive: true, maxFreeSockets: 16, timeout: 60_000 }),
  https: new HttpsAgent({ keepAlive: true, maxFreeSockets: 16, timeout: 60_000 }),
}

/**
 * Calls an outside address and gives its answer, whose body the caller must read or destroy. The address that the name
 * server gave is checked and is the one that is connected to, so a name cannot point elsewhere in between. Redirects are
 * not followed: they are answers like others. `timeout` (milliseconds) is until the answer begins.
 */
export function callOut(
  rules: OutboundRules,
  options: { method: 'GET' | 'POST'; url: string; headers: Record<string, string>; body?: string; timeout: number },
): Promise<IncomingMessage> {
  const fault = refuseAddress(options.url, rules)
  if (fault !== undefined) return Promise.reject(new OutboundFailure(`the address ${fault}`))
  const url = new URL(options.url)
  const lookup: LookupFunction = (host, asked, done) => {
    resolve(host, { ...asked, all: true }, (error, addresses) => {
      if (error) return done(error, [])
      const open = addresses.filter(({ address }) => mayReach(address, url, rules))
      if (open.length === 0) return done(new OutboundFailure('the address is not one of the open internet'), [])
      const [first] = open
      return asked.all ? done(null, open) : done(null, first?.address ?? '', first?.family)
    })
  }
  return new Promise((tell, fail) => {
    const secure = url.protocol === 'https:'
    const call = (secure ? httpsRequest : httpRequest)(
      url,
      {
        method: options.method,
        agent: secure ? agents.https : agents.http,
        lookup,
        headers: {
          ...options.headers,
          ...(options.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(options.body)) }),
        },
      },
      (answer) => {
        clearTimeout(timer)
        tell(answer)
      },
    )
    // Of the whole call and not of a silence within it: a receiver that drips must not hold a hand for ever.
    const timer = setTimeout(() => call.destroy(new OutboundFailure('no answer in time')), options.timeout)
    call.on('error', (error) => {
      clearTimeout(timer)
      // The other side had closed a kept connection as we took it up again: nothing has been read there.
      if (call.reusedSocket && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE'))
        return tell(callOut(rules, options))
      if (error instanceof OutboundFailure) return fail(error)
      const code = 'code' in error ? String(error.code) : 'unknown'
      return fail(new OutboundFailure(`could not be reached (${code})`, { cause: error }))
    })
    call.end(options.body)
  })
}
