import { Readable } from 'node:stream'
import type { Database } from '../../db/index.ts'
import type { TenantId } from '../../kernel/index.ts'
import { findClient } from '../clients.ts'
import { sha256 } from '../tickets.ts'
import type { RawRequest } from './server.ts'

const mostBody = 65_536

/** Who a refresh token was issued to, when that is a client without a secret. */
async function holderOf(database: Database, tenant: TenantId, token: string): Promise<string | undefined> {
  return database.transaction(tenant, async (tx) => {
    const [row] = await tx.query<{ client: string }>({
      text: `select payload ->> 'clientId' as client from oauth_artifact where tenant_id = $1 and kind = 'RefreshToken' and hash = $2`,
      values: [tx.tenant, sha256(token)],
    })
    const client = row && (await findClient(tx, row.client))
    return client?.authentication === 'none' ? client.id : undefined
  })
}

/**
 * A request to the token endpoint as oidc-provider expects it. It wants every client named; SMART's own library leaves a
 * public client's name out of a refresh, where the token tells it (RFC 6749, 6, asks for no more). Nothing is gained by
 * that: whoever has the token could name its client as well.
 */
export async function nameClient(request: RawRequest, database: Database, tenant: TenantId): Promise<RawRequest> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    // What is left out makes the request malformed, and is refused as that.
    if (size <= mostBody) chunks.push(chunk)
  }
  let body = Buffer.concat(chunks)
  const { headers, method, url, originalUrl, socket } = request
  const form = new URLSearchParams(body.toString())
  const token = form.get('refresh_token')
  const anonymous = headers.authorization === undefined && !form.has('client_id') && !form.has('client_assertion')
  if (anonymous && form.get('grant_type') === 'refresh_token' && token !== null) {
    const client = await holderOf(database, tenant, token)
    if (client !== undefined) {
      form.set('client_id', client)
      body = Buffer.from(form.toString())
    }
  }
  headers['content-length'] = String(body.length)
  delete headers['transfer-encoding']
  const again = Object.assign(Readable.from(body.length === 0 ? [] : [body], { objectMode: false }), {
    headers,
    method,
    url,
    originalUrl,
    socket,
  })
  return again as unknown as RawRequest
}
