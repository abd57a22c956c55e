import { join } from 'node:path'
import { z } from 'zod'

const number = z.coerce.number().int().positive()
const schema = z.object({
  DATABASE_URL: z.url().optional(),
  THROUGHLINE_DATA: z.string().default('.throughline'),
  HOST: z.string().default('127.0.0.1'),
  PORT: number.default(8090),
  PUBLIC_URL: z.url().optional(),
  TRUST_PROXY: z.string().min(1).optional(),
  THROUGHLINE_SECRET: z.base64().length(44).optional(),
  OUTBOUND_ALLOW: z.string().default(''),
  TEXT_ENDPOINT_URL: z.url({ protocol: /^https?$/ }).optional(),
  TEXT_ENDPOINT_KEY: z.string().min(1).optional(),
  SMTP_URL: z.url().optional(),
  MAIL_FROM: z.string().default('Throughline <no-reply@throughline.invalid>'),
  AUDIT_FOLDER: z.string().min(1).optional(),
  AUDIT_SINK_URL: z.url({ protocol: /^https?$/ }).optional(),
  AUDIT_SINK_TOKEN: z.string().min(1).optional(),
  AUDIT_SEAL_SECONDS: number.default(60),
  FHIR_CONDITIONAL_DELETE: z.enum(['single', 'multiple']).default('single'),
  SCENARIO_COVERAGE: z.enum(['told', 'required']).default('told'),
  TERMINOLOGY_FOLDER: z.string().min(1).optional(),
  CLINIC_PHONE: z.string().default('—'),
  LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug']).default('warn'),
})

/** The program's settings, all from the environment. A wrong one ends the program with its name and what it should be. */
export interface Config {
  databaseUrl: string | undefined
  dataFolder: string
  host: string
  port: number
  publicUrl: string
  /** Proxies whose word on the caller's address is believed: addresses or networks, with commas between. */
  trustProxy: string | undefined
  /** 32 bytes in base64 that secrets in the database are sealed with; from a file in the data folder when not set. */
  secret: string | undefined
  /** Where notifications and imports may go beside the open internet: `host`, `host:port` or networks, with commas between. */
  outboundAllow: string[]
  /** An OpenAI-compatible endpoint that automations may ask, such as `https://models.example/v1`. Their inputs go there. */
  textEndpointUrl: string | undefined
  textEndpointKey: string | undefined
  smtpUrl: string | undefined
  mailFrom: string
  clinicPhone: string
  /** Whether one conditional delete of the FHIR API may delete several resources. */
  conditionalDelete: 'single' | 'multiple'
  /** Where checkpoints of the audit and the key that signs them are kept. */
  auditFolder: string
  /** An outside store that takes each checkpoint by PUT. */
  auditSinkUrl: string | undefined
  auditSinkToken: string | undefined
  auditSealSeconds: number
  /** Whether a step or branch that no scenario goes through stops the publication of a pathway, or is only told. */
  scenarioCoverage: 'told' | 'required'
  /** Where files of terminologies lie to be loaded, a folder for each tenant. */
  terminologyFolder: string
  logLevel: string
}

export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const checked = schema.safeParse(environment)
  if (!checked.success)
    throw new Error(checked.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '))
  const one = checked.data
  return {
    databaseUrl: one.DATABASE_URL,
    dataFolder: one.THROUGHLINE_DATA,
    host: one.HOST,
    port: one.PORT,
    publicUrl: one.PUBLIC_URL?.replace(/\/$/, '') ?? `http://${one.HOST}:${one.PORT}`,
    trustProxy: one.TRUST_PROXY,
    secret: one.THROUGHLINE_SECRET,
    outboundAllow: one.OUTBOUND_ALLOW.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()])),
    textEndpointUrl: one.TEXT_ENDPOINT_URL,
    textEndpointKey: one.TEXT_ENDPOINT_KEY,
    smtpUrl: one.SMTP_URL,
    mailFrom: one.MAIL_FROM,
    clinicPhone: one.CLINIC_PHONE,
    conditionalDelete: one.FHIR_CONDITIONAL_DELETE,
    auditFolder: one.AUDIT_FOLDER ?? join(one.THROUGHLINE_DATA, 'audit'),
    auditSinkUrl: one.AUDIT_SINK_URL,
    auditSinkToken: one.AUDIT_SINK_TOKEN,
    auditSealSeconds: one.AUDIT_SEAL_SECONDS,
    scenarioCoverage: one.SCENARIO_COVERAGE,
    terminologyFolder: one.TERMINOLOGY_FOLDER ?? join(one.THROUGHLINE_DATA, 'terminology'),
    logLevel: one.LOG_LEVEL,
  }
}
