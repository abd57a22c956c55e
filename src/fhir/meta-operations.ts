import type { Coding, Meta, Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { readExact } from '../kernel/index.ts'
import type { Answer } from './answer.ts'
import { refuse } from './errors.ts'
import { readOne, type RecordDeps, takeForChange, updateOne } from './interact.ts'
import type { OperationCall } from './operations.ts'
import { partOf } from './parameters.ts'
import { isObject, type Json } from './search-rows.ts'

const answer = (meta: Meta | undefined): Answer => ({
  status: 200,
  content: JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'return', valueMeta: meta ?? {} }] }),
})

const coding = ({ system, code }: Coding) => `${system ?? ''}|${code ?? ''}`

/** The Meta that a call brings. Its shape is checked with the resource when that is written. */
function given(body: unknown): Meta {
  const meta: Json | undefined = partOf(body, 'meta')
  if (!meta || !isObject(body) || body['resourceType'] !== 'Parameters')
    throw refuse('operation-invalid', { faults: [{ path: 'meta', message: 'is required, as a valueMeta' }] })
  for (const name of ['profile', 'tag', 'security'])
    if (meta[name] !== undefined && !Array.isArray(meta[name]))
      throw refuse('operation-invalid', { faults: [{ path: `meta.${name}`, message: 'is not a list' }] })
  return meta
}

/** `$meta`: what the resource says of itself. */
export async function readMeta(deps: RecordDeps, tx: Tx, call: OperationCall): Promise<Answer> {
  const { content = '{}' } = await readOne(deps, tx, call.context, call.type, call.id ?? '')
  return answer((JSON.parse(content) as Resource).meta)
}

async function change(
  deps: RecordDeps,
  tx: Tx,
  { context, type, id = '' }: OperationCall,
  to: (meta: Meta) => Pick<Meta, 'profile' | 'tag' | 'security'>,
): Promise<Answer> {
  const resource = readExact(await takeForChange(deps, tx, context, type, id)) as Resource
  const { profile, tag, security, ...others } = resource.meta ?? {}
  const made = Object.entries(to({ ...(profile && { profile }), ...(tag && { tag }), ...(security && { security }) }))
  const meta: Meta = { ...others, ...Object.fromEntries(made.filter(([, list]) => list.length > 0)) }
  const { content = '{}' } = await updateOne(
    deps,
    tx,
    context,
    type,
    id,
    { ...resource, meta },
    { prefer: 'representation' },
  )
  return answer((JSON.parse(content) as Resource).meta)
}

/** `$meta-add`: what is there already is not there twice. */
export function addMeta(deps: RecordDeps, tx: Tx, call: OperationCall): Promise<Answer> {
  const more = given(call.body)
  const join = (one: readonly Coding[] = [], other: readonly Coding[] = []) => [
    ...new Map([...one, ...other].map((each) => [coding(each), each])).values(),
  ]
  return change(deps, tx, call, (meta) => ({
    profile: [...new Set([...(meta.profile ?? []), ...(more.profile ?? [])])],
    tag: join(meta.tag, more.tag),
    security: join(meta.security, more.security),
  }))
}

/** `$meta-delete`: what is not there is no failure. */
export function deleteMeta(deps: RecordDeps, tx: Tx, call: OperationCall): Promise<Answer> {
  const less = given(call.body)
  const without = (one: readonly Coding[] = [], other: readonly Coding[] = []) => {
    const gone = new Set(other.map(coding))
    return one.filter((each) => !gone.has(coding(each)))
  }
  return change(deps, tx, call, (meta) => ({
    profile: (meta.profile ?? []).filter((one) => !less.profile?.includes(one)),
    tag: without(meta.tag, less.tag),
    security: without(meta.security, less.security),
  }))
}
