import type { Tx } from '../db/index.ts'
import type { Designation, PropertyValue } from './content.ts'
import { refuse } from './errors.ts'

export interface LoadedSystem {
  id: number
  url: string
  version: string
  title: string
  content: string
}

/** `url|version` as canonicals are written. */
export function splitCanonical(canonical: string): { url: string; version: string | undefined } {
  // In an expression of SNOMED CT bars stand around terms; its version is in the part before.
  const bar = canonical.includes('?fhir_vs=ecl') ? -1 : canonical.lastIndexOf('|')
  return bar < 0
    ? { url: canonical, version: undefined }
    : { url: canonical.slice(0, bar), version: canonical.slice(bar + 1) || undefined }
}

/** A loaded system: in the version named (of SNOMED CT an edition is enough), else the current one. */
export async function findSystem(tx: Tx, canonical: string, version?: string): Promise<LoadedSystem | undefined> {
  const split = splitCanonical(canonical)
  const [row] = await tx.query<LoadedSystem>({
    name: 'term-system',
    text: `select id, url, version, title, content from term_system
           where tenant_id = $1 and url = $2 and ready
             and case when $3::text is null then current else version = $3 or starts_with(version, $3 || '/version/') end
           order by current desc, id desc limit 1`,
    values: [tx.tenant, split.url, version ?? split.version ?? null],
  })
  return row
}

export async function needSystem(
  tx: Tx,
  canonical: string,
  version: string | undefined,
  path: string,
): Promise<LoadedSystem> {
  const found = await findSystem(tx, canonical, version)
  if (!found)
    throw refuse('code-system-unknown', {
      faults: [{ path, message: `${canonical}${version === undefined ? '' : `|${version}`} is not loaded` }],
    })
  return found
}

/** A concept as stored. */
export interface Concept {
  ord: number
  code: string
  display: string
  active: boolean
  abstract: boolean
  extra: string | null
}

export interface ConceptDetail {
  definition?: string
  designations?: Designation[]
  properties?: PropertyValue[]
}

export const detailOf = ({ extra }: Pick<Concept, 'extra'>): ConceptDetail => (extra === null ? {} : JSON.parse(extra))

export const conceptColumns = 'c.ord, c.code, c.display, c.active, c.abstract, c.extra'

export async function findConcepts(tx: Tx, system: number, codes: readonly string[]): Promise<Map<string, Concept>> {
  const rows = await tx.query<Concept>({
    name: 'term-concepts-by-code',
    text: `select ${conceptColumns} from term_concept c where c.tenant_id = $1 and c.system = $2 and c.code = any($3)`,
    values: [tx.tenant, system, codes],
  })
  return new Map(rows.map((row) => [row.code, row]))
}

/** The name in a language when there is one (`fr` takes `fr-CA` too), else the display. */
export function displayIn(concept: Pick<Concept, 'display' | 'extra'>, language: string | undefined): string {
  if (language === undefined || concept.extra === null || language.startsWith('en')) return concept.display
  const own = (detailOf(concept).designations ?? []).filter(
    (one) =>
      one.language !== undefined &&
      (one.language === language || one.language.split('-')[0] === language.split('-')[0]),
  )
  return (
    (own.find(({ use }) => use === 'preferred') ?? own.find(({ use }) => use !== 'fsn') ?? own[0])?.value ??
    concept.display
  )
}
