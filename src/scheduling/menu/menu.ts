import type { ActivityDefinition, ChargeItemDefinition } from '@medplum/fhirtypes'
import type { ServiceDefinition } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord, ResourceWrite } from '../../fhir/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import type { Calendar } from '../../pathways/index.ts'
import { refuse } from '../errors.ts'
import { type Around, checkService } from './check-service.ts'
import { serviceFrom, type StoredService } from './from-fhir.ts'
import { definitionsOf, offeringOf, type ServiceVersion, versionId } from './to-fhir.ts'
import { menuWords } from './words.ts'

/** The service menu: versions of services, kept as FHIR definitions. A published version never changes. */
export interface Menu {
  /** All versions of all services, or of one, the newest first. */
  versions(tx: Tx, service?: string): Promise<StoredService[]>
  /** The live version of each service, in the order of their names. */
  live(tx: Tx): Promise<StoredService[]>
  /** Throws `service-not-found`. */
  version(tx: Tx, service: string, version: number): Promise<StoredService>
  /** Begins the next version, or changes the draft that somebody has looked at (`stored`). Faults do not hinder a draft. */
  draft(
    tx: Tx,
    context: CallContext,
    definition: ServiceDefinition,
    of?: { version: number; stored: number },
  ): Promise<StoredService>
  /** Makes a draft live and retires the version before it. Throws `service-refused` with every fault. */
  publish(
    tx: Tx,
    context: CallContext,
    asked: { service: string; version: number; stored: number },
    around: Around,
  ): Promise<StoredService>
  /** Takes a live service off the menu. */
  retire(
    tx: Tx,
    context: CallContext,
    asked: { service: string; version: number; stored: number },
  ): Promise<StoredService>
}

export function createMenu({ record, calendar }: { record: FhirRecord; calendar: Calendar }): Menu {
  const keep = (
    context: CallContext,
    definition: ServiceDefinition,
    { version, status }: Pick<ServiceVersion, 'version' | 'status'>,
  ): ResourceWrite[] =>
    definitionsOf(definition, { version, status, date: context.clock.now() }).map((resource) => ({
      interaction: 'update',
      resource,
    }))
  const offer = (
    definition: ServiceDefinition,
    version: Pick<ServiceVersion, 'version' | 'status'>,
  ): ResourceWrite => ({
    interaction: 'update',
    resource: offeringOf(definition, version, calendar),
  })

  const menu: Menu = {
    async versions(tx, service) {
      const activities = await all<ActivityDefinition>(tx, 'ActivityDefinition', service)
      const charges = await all<ChargeItemDefinition>(tx, 'ChargeItemDefinition', service)
      const byId = new Map(charges.map((one) => [one.id, one]))
      return activities
        .flatMap((one) => serviceFrom(one, byId.get(one.id)) ?? [])
        .toSorted((a, b) => (a.id === b.id ? b.version - a.version : a.id < b.id ? -1 : 1))
    },
    async live(tx) {
      const all = await menu.versions(tx)
      return all
        .filter(({ status }) => status === 'active')
        .toSorted((a, b) => a.definition.title.en.localeCompare(b.definition.title.en))
    },
    async version(tx, service, version) {
      const id = versionId(service, version)
      const found = await record.readMany(tx, [`ActivityDefinition/${id}`, `ChargeItemDefinition/${id}`])
      const activity = found.get(`ActivityDefinition/${id}`)
      const charge = found.get(`ChargeItemDefinition/${id}`)
      const stored =
        activity?.resourceType === 'ActivityDefinition'
          ? serviceFrom(activity, charge?.resourceType === 'ChargeItemDefinition' ? charge : undefined)
          : undefined
      if (!stored) throw notFound()
      return stored
    },
    async draft(tx, context, definition, of) {
      await lock(tx, definition.service)
      if (of) {
        const known = await menu.version(tx, definition.service, of.version)
        if (known.status !== 'draft') throw frozen(known)
        needSeen(known, of.stored)
      }
      const [newest] = await menu.versions(tx, definition.service)
      // One draft at a time: who begins a version while there is a draft goes on with that.
      const version = of?.version ?? (newest?.status === 'draft' ? newest.version : (newest?.version ?? 0) + 1)
      await record.write(tx, context, keep(context, definition, { version, status: 'draft' }))
      return menu.version(tx, definition.service, version)
    },
    async publish(tx, context, { service, version, stored }, around) {
      await lock(tx, service)
      const draft = await menu.version(tx, service, version)
      if (draft.status !== 'draft') throw frozen(draft)
      needSeen(draft, stored)
      const errors = checkService(draft.definition, around).filter(({ severity }) => severity === 'error')
      if (errors.length > 0)
        throw refuse('service-refused', { faults: errors.map(({ code, path, message }) => ({ code, path, message })) })
      const before = (await menu.versions(tx, service)).filter(({ status }) => status === 'active')
      await record.write(tx, context, [
        ...before.flatMap((one) => keep(context, one.definition, { version: one.version, status: 'retired' })),
        ...keep(context, draft.definition, { version, status: 'active' }),
        offer(draft.definition, { version, status: 'active' }),
      ])
      return menu.version(tx, service, version)
    },
    async retire(tx, context, { service, version, stored }) {
      await lock(tx, service)
      const live = await menu.version(tx, service, version)
      if (live.status !== 'active')
        throw refuse('service-changed', { faults: [{ path: 'status', message: `is ${live.status}` }] })
      needSeen(live, stored)
      await record.write(tx, context, [
        ...keep(context, live.definition, { version, status: 'retired' }),
        offer(live.definition, { version, status: 'retired' }),
      ])
      return menu.version(tx, service, version)
    },
  }
  return menu

  async function all<R extends ActivityDefinition | ChargeItemDefinition>(
    tx: Tx,
    type: R['resourceType'],
    service: string | undefined,
  ): Promise<R[]> {
    const found: R[] = []
    let next: string | undefined
    do {
      const query = new URLSearchParams({
        identifier: `${menuWords.service}|${service ?? ''}`,
        _count: '200',
        ...(next === undefined ? {} : { _cursor: next }),
      })
      const page = await record.search(tx, type, query)
      for (const one of page.resources) if (one.resourceType === type) found.push(one as R)
      next = page.next
    } while (next !== undefined)
    return found
  }
}

/** Two who change one service at the same moment come one after the other. */
const lock = (tx: Tx, service: string): Promise<number> =>
  tx.run({ text: 'select pg_advisory_xact_lock(hashtext($1))', values: [`${tx.tenant} service ${service}`] })
const notFound = () =>
  refuse('service-not-found', { faults: [{ path: 'id', message: 'no service has this id and version' }] })
const frozen = ({ status }: StoredService) =>
  refuse('service-frozen', { faults: [{ path: 'status', message: `is ${status}` }] })

function needSeen(known: StoredService, seen: number): void {
  if (known.stored !== seen)
    throw refuse('service-changed', { faults: [{ path: 'stored', message: `is ${known.stored} now` }] })
}
