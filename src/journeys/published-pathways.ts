import type { Tx } from '../db/index.ts'
import type { CallContext, TenantId } from '../kernel/index.ts'
import {
  checkSource,
  checkTemplate,
  type CompiledPathway,
  compile,
  type Definition,
  type Finding,
  type NamedScenario,
  outlineOf,
  type PublishedOutline,
  type Surroundings,
  type Template,
} from '../pathways/index.ts'
import { refuse } from './errors.ts'
import { putLive } from './versions/put-live.ts'

/** Which versions of a pathway new journeys start under: one for all, and others for some clinics. */
export interface LivePathway {
  id: string
  /** Undefined: it is live for the named clinics only. */
  everywhere: CompiledPathway | undefined
  /** By `Organization/…` or `Location/…`. */
  clinics: ReadonlyMap<string, CompiledPathway>
}

/** The versions that are live somewhere. */
export const liveVersions = (live: readonly LivePathway[]): CompiledPathway[] =>
  live.flatMap(({ everywhere, clinics }) => [...new Set([...(everywhere ? [everywhere] : []), ...clinics.values()])])

/** What somebody wants checked: a definition with the messages that are to be published with it. */
export interface Checking {
  source: string
  templates?: readonly Template[]
}

/** The pathways of each tenant, compiled once. */
export interface PublishedPathways {
  /** What new journeys start under. */
  live(tx: Tx): Promise<LivePathway[]>
  /** Resource types that some version, live or retired, starts or waits by; `live` is what `live` gave in this transaction. */
  heard(tx: Tx, live: readonly LivePathway[]): Promise<ReadonlySet<string>>
  /** One version, which running journeys stay on. */
  version(tx: Tx, pathway: string, version: number): Promise<CompiledPathway>
  /** The text that a version was published as. */
  source(tx: Tx, pathway: string, version: number): Promise<string>
  /** A message's texts as a version was published with them; undefined where it has none of its own. */
  template(tx: Tx, pathway: string, version: number, name: string): Promise<Template | undefined>
  /**
   * Publishes a source for all clinics by the program itself: what a new tenant begins with. Refuses with the findings when
   * the checker finds an error. A source equal to the live one changes nothing. People publish through drafts.
   */
  publish(
    tx: Tx,
    context: CallContext,
    source: string,
    note: string,
    scenarios?: readonly NamedScenario[],
  ): Promise<{ pathway: string; version: number; findings: Finding[]; changed: boolean }>
  /** What the checker says, given what this tenant has published. */
  check(tx: Tx, checking: Checking): Promise<{ definition: Definition | undefined; findings: Finding[] }>
  surroundings: Surroundings
}

/** @param offers what a tenant has published elsewhere that its pathways may ask for */
export function createPublishedPathways(
  surroundings: Surroundings,
  offers: (tx: Tx) => Promise<Pick<Surroundings, 'automations' | 'forms'>> = async () => ({}),
): PublishedPathways {
  // A version is frozen, so what was compiled once stays right; which are live is asked of the database each time.
  const compiled = new Map<string, CompiledPathway>()
  const keep = (tenant: TenantId, version: number, definition: Definition): CompiledPathway => {
    const key = `${tenant} ${definition.pathway} ${version}`
    let pathway = compiled.get(key)
    if (!pathway) {
      pathway = compile(definition, version, surroundings.table).pathway
      compiled.set(key, pathway)
    }
    return pathway
  }

  const versionOf = async (tx: Tx, id: string, version: number): Promise<CompiledPathway> => {
    const known = compiled.get(`${tx.tenant} ${id} ${version}`)
    if (known) return known
    const [row] = await tx.query<{ definition: Definition }>({
      text: 'select definition from pathway_version where tenant_id = $1 and pathway = $2 and version = $3',
      values: [tx.tenant, id, version],
    })
    if (!row)
      throw refuse('pathway-not-found', { faults: [{ path: 'version', message: `${id} has no version ${version}` }] })
    return keep(tx.tenant, version, row.definition)
  }

  /** What a `start` step may name is what this tenant has published; a message's own texts stand before the library's. */
  const around = async (tx: Tx, templates: readonly Template[]): Promise<Surroundings> => {
    const rows = await tx.query<{ pathway: string; version: number }>({
      text: 'select pathway, version from pathway_version where tenant_id = $1 order by pathway, version',
      values: [tx.tenant],
    })
    const pathways: PublishedOutline[] = []
    for (const { pathway, version } of rows) pathways.push(outlineOf(await versionOf(tx, pathway, version)))
    const { forms = [], ...offered } = await offers(tx)
    return {
      ...surroundings,
      ...offered,
      pathways,
      templates: [...templates, ...surroundings.templates],
      forms: [...(surroundings.forms ?? []), ...forms],
    }
  }

  const check: PublishedPathways['check'] = async (tx, { source, templates = [] }) => {
    const checked = checkSource(source, await around(tx, templates))
    const own = templates.flatMap((template) =>
      checkTemplate(template).map((finding) => ({
        ...finding,
        path: `templates.${template.template}.${finding.path}`,
      })),
    )
    return { definition: checked.definition, findings: [...checked.findings, ...own] }
  }

  // Every publication changes the live versions, so what was gathered under the same ones is still all there is.
  const gathered = new Map<TenantId, { under: string; types: ReadonlySet<string> }>()
  return {
    surroundings,
    check,
    async live(tx) {
      const rows = await tx.query<{ id: string; clinic: string | null; version: number }>({
        name: 'live-pathways',
        text: `select id, null as clinic, active_version as version from pathway where tenant_id = $1 and active_version > 0
               union all select pathway, clinic, version from pathway_clinic where tenant_id = $1`,
        values: [tx.tenant],
      })
      const live = new Map<
        string,
        { id: string; everywhere?: CompiledPathway; clinics: Map<string, CompiledPathway> }
      >()
      for (const { id, clinic, version } of rows) {
        const one = live.get(id) ?? { id, clinics: new Map<string, CompiledPathway>() }
        live.set(id, one)
        const pathway = await versionOf(tx, id, version)
        if (clinic === null) one.everywhere = pathway
        else one.clinics.set(clinic, pathway)
      }
      return [...live.values()].map(({ id, everywhere, clinics }) => ({ id, everywhere, clinics }))
    },
    async heard(tx, live) {
      const under = liveVersions(live)
        .map((pathway) => `${pathway.id} ${pathway.version}`)
        .toSorted()
        .join()
      const known = gathered.get(tx.tenant)
      if (known?.under === under) return known.types
      const rows = await tx.query<{ pathway: string; version: number }>({
        text: 'select pathway, version from pathway_version where tenant_id = $1',
        values: [tx.tenant],
      })
      const types = new Set<string>()
      for (const { pathway, version } of rows) {
        const { startTypes, waitTypes } = await versionOf(tx, pathway, version)
        for (const type of [...startTypes, ...waitTypes]) types.add(type)
      }
      gathered.set(tx.tenant, { under, types })
      return types
    },
    version: versionOf,
    async source(tx, pathway, version) {
      const [row] = await tx.query<{ source: string }>({
        text: 'select source from pathway_version where tenant_id = $1 and pathway = $2 and version = $3',
        values: [tx.tenant, pathway, version],
      })
      if (!row)
        throw refuse('pathway-not-found', {
          faults: [{ path: 'version', message: `${pathway} has no version ${version}` }],
        })
      return row.source
    },
    async template(tx, pathway, version, name) {
      const [row] = await tx.query<{ template: Template }>({
        name: 'own-template',
        text: `select t.template from pathway_version v cross join lateral jsonb_array_elements(v.templates) as t (template)
               where v.tenant_id = $1 and v.pathway = $2 and v.version = $3 and t.template->>'template' = $4`,
        values: [tx.tenant, pathway, version, name],
      })
      return row?.template
    },
    async publish(tx, context, source, note, scenarios = []) {
      const { definition, findings } = await check(tx, { source })
      const errors = findings.filter((finding) => finding.severity === 'error')
      if (!definition || errors.length > 0) throw refuse('pathway-refused', { faults: faultsOf(errors) })
      const { version, changed } = await putLive(tx, context, {
        definition,
        content: { source, templates: [], scenarios },
        note,
        act: 'published',
      })
      return { pathway: definition.pathway, version, findings, changed }
    },
  }
}

/** Findings as faults of a refusal, each with its place in the text. */
export const faultsOf = (findings: readonly Finding[]): { code: string; path: string; message: string }[] =>
  findings.map(({ code, path, line, column, message }) => ({
    code,
    path,
    message: line === undefined ? message : `${message} (line ${line}, column ${column})`,
  }))
