import { z } from 'zod'
import { callOut, OutboundFailure, type OutboundRules } from '../../fhir/index.ts'
import type { CompiledAutomation, Output, Silence, Values } from '../automation/compile.ts'

/** A service that answers in the way of OpenAI's chat completions, and where this server may call out to. */
export interface TextEndpoint {
  /** `https://models.example/v1`: without `/chat/completions`. */
  url: string
  key: string | undefined
  outbound: OutboundRules
  /** Milliseconds, for the whole answer. */
  timeout: number
}

const longest = 100_000
const envelope = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1) })
const said = z.object({ answer: z.string(), confidence: z.number().min(0).max(1) })

/**
 * Asks a text model about one case. What it says counts only if it is one of the automation's own answers with a
 * confidence; anything else is a failure, and a person decides. The inputs leave this server: that is why nothing is asked
 * unless somebody set an endpoint up. Its words go into no log and no error.
 */
export async function askText(
  endpoint: TextEndpoint | undefined,
  automation: CompiledAutomation,
  values: Values,
): Promise<Output | { silence: Silence }> {
  const { definition } = automation
  const before = automation.answer(values)
  // Excluded, or without what it goes by: that is not asked.
  if (!definition.text || ('silence' in before && before.silence !== 'no-rule-holds')) return before
  if (!endpoint) return { silence: 'no-endpoint' }
  const codes = definition.answers.map(({ code }) => code)
  const body = JSON.stringify({
    model: definition.text.model,
    temperature: 0,
    max_tokens: 200,
    response_format: { type: 'json_object' },
    messages: [
      {
        role: 'system',
        content: `${definition.text.prompt}\n\nReply with JSON and nothing else: {"answer": one of ${JSON.stringify(codes)}, "confidence": a number from 0 to 1}.`,
      },
      { role: 'user', content: JSON.stringify(values) },
    ],
  })
  const text = await within(endpoint, body)
  const parsed = said.safeParse(jsonOf(envelope.safeParse(jsonOf(text)).data?.choices[0]?.message.content ?? ''))
  if (!parsed.success) throw new OutboundFailure('the text model’s answer has another shape')
  const { answer, confidence } = parsed.data
  if (!codes.includes(answer)) throw new OutboundFailure('the text model’s answer is not one of the automation’s')
  return { gives: answer, confidence, rule: `text.${definition.text.model}` }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The whole answer of the endpoint, in time. */
async function within({ url, key, outbound, timeout }: TextEndpoint, body: string): Promise<string> {
  const signal = AbortSignal.timeout(timeout)
  const answer = await callOut(outbound, {
    method: 'POST',
    url: `${url.replace(/\/$/, '')}/chat/completions`,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body,
    timeout,
  })
  const late = () => answer.destroy(new OutboundFailure('no answer in time'))
  signal.addEventListener('abort', late)
  try {
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of answer) {
      const part = Buffer.from(chunk as Uint8Array)
      length += part.length
      if (length > longest) throw new OutboundFailure('the answer is too long')
      chunks.push(part)
    }
    const status = answer.statusCode ?? 0
    if (status < 200 || status > 299) throw new OutboundFailure(`the text model answered ${status}`)
    return Buffer.concat(chunks).toString('utf8')
  } finally {
    signal.removeEventListener('abort', late)
    answer.destroy()
  }
}
