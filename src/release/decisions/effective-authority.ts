import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import { effective, type Level, levelFor, lower } from '../authority.ts'
import type { CompiledAutomation } from '../automation/compile.ts'
import { readHealth, readLevel, readStandings } from '../ladder/standings.ts'
import { drilledNow } from '../runbooks/drills.ts'
import type { Case } from '../scope.ts'

/** What the flags of an automation allow in a case, and why no more. */
export type ReadFlag = (
  tx: Tx,
  automation: string,
  given: Case,
) => Promise<{ level: Level; because: 'flag' | 'flag-unreachable' }>

export interface AuthorityDependencies {
  record: FhirRecord
  flag: ReadFlag
}

/**
 * What a version may do in a case now: the least of its standing in the narrowest scope, its flag, the age of its inputs,
 * the patient's consent and its health. Read it in the transaction in which the effect commits, with the automation's row
 * shared; it counts for no other moment.
 */
export async function authorityOf(
  tx: Tx,
  { record, flag }: AuthorityDependencies,
  asked: { automation: CompiledAutomation; given: Case; patient: string; ceiling: string | null; now: number },
): Promise<{ level: Level; because: string }> {
  const { automation, given, patient, ceiling, now } = asked
  const id = automation.definition.automation
  const standing = levelFor(await readStandings(tx, id, automation.version), given)
  if (standing === 'off') return { level: 'off', because: 'standing' }
  const [health, allowed, consent] = [
    await readHealth(tx, id, automation.version),
    await flag(tx, id, given),
    await consents(tx, record, patient),
  ]
  const found = effective(standing, {
    flag: allowed.level,
    dataFresh: now - given.at <= automation.definition['fresh-for'] * 60_000,
    consent,
    health: health.level,
  })
  if (lower(found.level, 'shadow') !== found.level && (await drilledNow(tx, id, given, now)))
    return { level: 'shadow', because: 'drill' }
  const most = ceiling === null ? 'autonomous' : readLevel(ceiling)
  if (lower(found.level, most) !== found.level) return { level: most, because: 'control-arm' }
  return found.because === 'flag' ? { level: found.level, because: allowed.because } : found
}

/** The code by which a patient refuses automatic decisions, as the purpose of a provision of a Consent that denies. */
const refusal = { system: 'urn:throughline:purpose', code: 'automated-decision' }

interface Provision {
  type?: string
  purpose?: { system?: string; code?: string }[]
  provision?: Provision[]
}

const denies = (provision: Provision | undefined): boolean =>
  provision !== undefined &&
  ((provision.type === 'deny' &&
    provision.purpose?.some((one) => one.system === refusal.system && one.code === refusal.code) === true) ||
    provision.provision?.some(denies) === true)

/** Silence is consent here, as for all treatment: the patient is told at the step what is automatic, and may refuse it. */
async function consents(tx: Tx, record: FhirRecord, patient: string): Promise<boolean> {
  const { resources } = await record.search(
    tx,
    'Consent',
    new URLSearchParams({ patient, status: 'active', _count: '200' }),
  )
  return !resources.some((one) => one.resourceType === 'Consent' && denies(one.provision))
}
