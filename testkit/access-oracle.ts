// A naive reading of a policy over plain resources: no tables, no SQL, no code of the access room. Slow and short on purpose,
// so that two programs that agree on thousands of cells were not written from one thought.
import type { CareTeam, Coding, Consent, ConsentProvision, Resource, Task } from '@medplum/fhirtypes'

export interface World {
  now: number
  /** Every version of every resource, the standing one last; a deleted resource ends with `undefined`. */
  versions: ReadonlyMap<string, readonly (Resource | undefined)[]>
  // oxlint-disable-next-line no-explicit-any -- the policy as its file says it
  policy: any
}

export interface Asker {
  kind: 'account' | 'client'
  reference?: string
  roles: readonly string[]
  purpose: string
  /** Patients whose glass is broken. */
  glass: readonly string[]
}

const codes: Record<string, string> = {
  treatment: 'TREAT',
  payment: 'HPAYMT',
  operations: 'HOPERAT',
  research: 'HRESCH',
  emergency: 'ETREAT',
}

const last = <T>(list: readonly T[]): T | undefined => list[list.length - 1]
const references = (value: unknown): string[] =>
  [...JSON.stringify(value ?? null).matchAll(/"reference":"([^"]+)"/g)].map(([, one = '']) => one)

/** Whose record a resource is in, for the types that the tests make. */
export function patientsIn(resource: Resource): string[] {
  const among = (value: unknown) => references(value).filter((one) => one.startsWith('Patient/'))
  switch (resource.resourceType) {
    case 'Patient':
      return [`Patient/${resource.id}`]
    case 'Observation':
      return [...among(resource.subject), ...among(resource.performer)]
    case 'Condition':
    case 'Encounter':
      return among(resource.subject)
    case 'CareTeam':
      return [...among(resource.subject), ...among(resource.participant)]
    case 'Appointment':
      return among(resource.participant)
    case 'Task':
      return [...among(resource.for), ...among(resource.focus)]
    case 'Consent':
    case 'RelatedPerson':
      return among(resource.patient)
    case 'Person':
      return among(resource.link)
    default:
      return []
  }
}

function labelsOf(resource: Resource, world: World): string[] {
  const text = JSON.stringify(resource)
  const coded = [...text.matchAll(/\{[^{}]*\}/g)].flatMap(([part]): string[] => {
    const { system, code } = JSON.parse(part) as Coding
    if (system === undefined || code === undefined) return []
    return world.policy.labels
      .filter(({ codes: table }: { codes: Record<string, string[]> }) =>
        (table[system] ?? []).some((one) => (one.endsWith('*') ? code.startsWith(one.slice(0, -1)) : code === one)),
      )
      .map(({ label }: { label: string }) => label)
  })
  return [...coded, ...(resource.meta?.security ?? []).map(({ code }) => code ?? '')]
}

const standing = (world: World): Resource[] => [...world.versions.values()].flatMap((versions) => last(versions) ?? [])

function namesOf(world: World, asker: Asker): string[] {
  const names = asker.reference === undefined ? [] : [asker.reference]
  for (const one of standing(world)) {
    if (
      one.resourceType === 'PractitionerRole' &&
      one.active !== false &&
      one.practitioner?.reference === asker.reference
    )
      names.push(`PractitionerRole/${one.id}`, one.organization?.reference ?? 'nobody')
  }
  for (const one of standing(world))
    if (
      one.resourceType === 'CareTeam' &&
      runs(one, world.now) &&
      teamOf(one, world.now).some((who) => asker.reference === who)
    )
      names.push(`CareTeam/${one.id}`)
  return asker.reference === undefined ? [] : names
}

const over = (end: string | undefined, now: number) =>
  end !== undefined && now >= Date.parse(end) + (end.length === 10 ? 86_400_000 : 0)
const runs = (team: CareTeam, now: number) => team.status === 'active' && !over(team.period?.end, now)
const teamOf = (team: CareTeam, now: number) =>
  (team.participant ?? []).filter(({ period }) => !over(period?.end, now)).map(({ member }) => member?.reference ?? '')
const openTask = (task: Task) =>
  !['completed', 'cancelled', 'failed', 'rejected', 'entered-in-error'].includes(task.status)
const month = 30 * 86_400_000

function stands(kind: string, patient: string, world: World, asker: Asker): boolean {
  const me = namesOf(world, asker)
  const all = standing(world)
  return all.some((one): boolean => {
    switch (kind) {
      case 'care-team':
        return (
          one.resourceType === 'CareTeam' &&
          runs(one, world.now) &&
          one.subject?.reference === patient &&
          teamOf(one, world.now).some((who) => me.includes(who))
        )
      case 'general-practitioner':
        return (
          one.resourceType === 'Patient' &&
          `Patient/${one.id}` === patient &&
          references(one.generalPractitioner).some((who) => me.includes(who))
        )
      case 'organisation':
        return (
          one.resourceType === 'Patient' &&
          `Patient/${one.id}` === patient &&
          me.includes(one.managingOrganization?.reference ?? '-')
        )
      case 'appointment': {
        if (
          one.resourceType !== 'Appointment' ||
          ['cancelled', 'noshow', 'proposed', 'entered-in-error'].includes(one.status)
        )
          return false
        const there = one.participant
          .filter(({ status }) => status !== 'declined')
          .map(({ actor }) => actor?.reference ?? '')
        const past = one.end !== undefined && world.now >= Date.parse(one.end) + month
        return !past && there.includes(patient) && there.some((who) => me.includes(who))
      }
      case 'encounter':
        return (
          one.resourceType === 'Encounter' &&
          one.status !== 'cancelled' &&
          one.subject?.reference === patient &&
          !(one.period?.end !== undefined && world.now >= Date.parse(one.period.end) + month) &&
          references(one.participant).some((who) => me.includes(who))
        )
      case 'task':
        return (
          one.resourceType === 'Task' &&
          openTask(one) &&
          one.for?.reference === patient &&
          me.includes(one.owner?.reference ?? '-')
        )
      case 'queue':
        return (
          one.resourceType === 'Task' &&
          openTask(one) &&
          one.owner === undefined &&
          one.for?.reference === patient &&
          asker.roles.some((role) => JSON.stringify(one.performerType ?? []).includes(`"${role}"`))
        )
      case 'self':
        return (
          one.resourceType === 'Person' &&
          references(one.link).includes(patient) &&
          references(one.link).some((who) => who.startsWith('Practitioner/') && me.includes(who))
        )
      case 'family':
        return (
          one.resourceType === 'Person' &&
          references(one.link).some((who) => who.startsWith('Practitioner/') && me.includes(who)) &&
          all.some(
            (kin) =>
              kin.resourceType === 'RelatedPerson' &&
              references(one.link).includes(`RelatedPerson/${kin.id}`) &&
              kin.patient.reference === patient,
          )
        )
      default:
        throw new Error(`the oracle knows no ${kind}`)
    }
  })
}

function verdict(
  provision: ConsentProvision,
  type: string | undefined,
  resource: Resource,
  about: { who: string[]; actions: string[]; purposes: string[]; labels: string[]; now: number; emergency: boolean },
): 'deny' | 'permit' | 'silent' {
  const has = (list: string[] | undefined, asked: string[]) =>
    list === undefined || list.some((one) => asked.includes(one))
  const concepts = (list: { coding?: Coding[] }[] | undefined) =>
    list?.flatMap(({ coding }) => (coding ?? []).map(({ code }) => code ?? ''))
  const own = JSON.stringify(resource)
  const date =
    'effectiveDateTime' in resource && typeof resource.effectiveDateTime === 'string'
      ? resource.effectiveDateTime
      : undefined
  const met =
    has(
      provision.actor?.map(({ reference }) => reference.reference ?? ''),
      about.who,
    ) &&
    has(concepts(provision.action), about.actions) &&
    has(
      provision.purpose?.map(({ code }) => code ?? ''),
      about.purposes,
    ) &&
    has(
      provision.class?.map(({ code }) => code ?? ''),
      [resource.resourceType],
    ) &&
    has(
      provision.securityLabel?.map(({ code }) => code ?? ''),
      about.labels,
    ) &&
    (provision.code === undefined ||
      (concepts(provision.code) ?? []).some((code) => own.includes(`"code":"${code}"`))) &&
    (provision.dataPeriod === undefined ||
      date === undefined ||
      (date >= (provision.dataPeriod.start ?? '') && date < (provision.dataPeriod.end ?? '9'))) &&
    !(provision.period?.start !== undefined && about.now < Date.parse(provision.period.start)) &&
    !(provision.period?.end !== undefined && about.now >= Date.parse(provision.period.end))
  if (!met) return 'silent'
  const inner = (provision.provision ?? []).map((one) => verdict(one, one.type, resource, about))
  if (inner.includes('deny')) return 'deny'
  if (inner.includes('permit')) return 'permit'
  // Breaking the glass leaves only what is refused for emergencies by name.
  if (type === 'deny' && about.emergency && !provision.purpose?.some(({ code }) => code === 'ETREAT' || code === 'BTG'))
    return 'silent'
  return type === 'deny' ? 'deny' : type === 'permit' ? 'permit' : 'silent'
}

function consentWords(
  world: World,
  asker: Asker,
  use: string,
  resource: Resource,
  patient: string,
  emergency: boolean,
) {
  const purposes =
    emergency || asker.purpose === 'emergency' ? ['ETREAT', 'BTG', 'TREAT'] : [codes[asker.purpose] ?? '']
  const actions =
    use === 'create'
      ? ['collect']
      : use === 'update' || use === 'delete'
        ? ['correct']
        : ['access', 'use', ...(use === 'export' || asker.kind === 'client' ? ['disclose'] : [])]
  const consents = standing(world).filter(
    (one): one is Consent =>
      one.resourceType === 'Consent' &&
      one.status === 'active' &&
      one.patient?.reference === patient &&
      one.scope.coding?.[0]?.code === 'patient-privacy',
  )
  const labels = [
    ...every(world, resource, use).flatMap((one) => labelsOf(one, world)),
    ...recordLabels(world, patient, use),
  ]
  return consents.map((consent) => {
    const opt = consent.policyRule?.coding?.[0]?.code
    const type = consent.provision?.type ?? (opt === 'OPTOUT' ? 'deny' : opt === 'OPTIN' ? 'permit' : undefined)
    return verdict(consent.provision ?? {}, type, resource, {
      who: namesOf(world, asker),
      actions,
      purposes,
      labels,
      now: world.now,
      emergency,
    })
  })
}

/** The versions that a use can show. */
function every(world: World, resource: Resource, use: string): Resource[] {
  const versions = world.versions.get(`${resource.resourceType}/${resource.id}`) ?? []
  return use === 'history' ? versions.flatMap((one) => one ?? []) : [resource]
}
const recordLabels = (world: World, patient: string, use: string): string[] =>
  (world.versions.get(patient) ?? [])
    .slice(use === 'history' ? 0 : -1)
    .flatMap((one) => (one ? labelsOf(one, world) : []))

/** May this resource, as it stands, be used so? */
export function mayOracle(world: World, asker: Asker, use: string, resource: Resource): boolean {
  const { policy } = world
  const type = resource.resourceType
  const current = patientsIn(resource)
  const patients = [...new Set(every(world, resource, use).flatMap(patientsIn))]
  const former = patients.filter((one) => !current.includes(one))
  const opening =
    policy['break-glass'].interactions.includes(use) &&
    policy['break-glass'].roles.some((role: string) => asker.roles.includes(role))
  const opened = (patient: string) => opening && asker.glass.includes(patient)
  const labels = [
    ...every(world, resource, use).flatMap((one) => labelsOf(one, world)),
    ...patients.flatMap((patient) => recordLabels(world, patient, use)),
  ]
  const related = (kinds: string[], patient: string) => kinds.some((kind) => stands(kind, patient, world, asker))
  let permitted = current.some(opened) && former.every(opened)
  for (const rule of policy.rules) {
    if (rule.effect === 'hide') continue
    if (rule.roles && !rule.roles.some((role: string) => asker.roles.includes(role))) continue
    if (rule.actors && !rule.actors.includes(asker.kind)) continue
    if (rule.purposes && !rule.purposes.includes(asker.purpose)) continue
    if (rule.types && !rule.types.includes(type)) continue
    if (rule.interactions && !rule.interactions.includes(use)) continue
    if (rule.effect === 'permit') {
      if (!rule.relations) permitted = true
      else if (
        current.some((one) => related(rule.relations, one)) &&
        former.every((one) => related(rule.relations, one))
      )
        permitted = true
      continue
    }
    if (rule.labels && !rule.labels.some((label: string) => labels.includes(label))) continue
    if (rule.relations && !patients.some((one) => related(rule.relations, one))) continue
    if (rule.unless?.roles?.some((role: string) => asker.roles.includes(role))) continue
    const spared = (patient: string) =>
      related(rule.unless?.relations ?? [], patient) || (rule['break-glass'] === 'opens' && opened(patient))
    if (patients.length > 0 && patients.every(spared)) continue
    return false
  }
  if (!permitted) return false
  if (type === 'Consent' || type === 'AuditEvent') return true
  return patients.every((patient) => {
    const words = consentWords(world, asker, use, resource, patient, opened(patient))
    if (words.includes('deny')) return false
    if (use === 'create' || opened(patient) || policy.consent.presumed.includes(asker.purpose)) return true
    return consentWords(world, asker, use, resource, patient, false).includes('permit')
  })
}
