import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { refuse } from './errors.ts'
import { splitCanonical } from './systems.ts'

export interface TranslateAsked {
  /** The map, or the instance of the record that it is; else every map between what is asked. */
  url?: string | undefined
  version?: string | undefined
  resourceId?: string | undefined
  /** Value sets or systems that the map leads from and to. */
  source?: string | undefined
  target?: string | undefined
  targetSystem?: string | undefined
  codings: readonly { system?: string | undefined; code: string }[]
  reverse: boolean
}

interface Row {
  map: number
  url: string
  source_system: string
  source_code: string
  target_system: string
  target_code: string
  display: string | null
  equivalence: string
  comment: string | null
}

/** What an equivalence is, read from the target. */
const backwards: Readonly<Record<string, string>> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
}
const none = new Set(['unmatched', 'disjoint'])

/** `$translate` (http://hl7.org/fhir/R4/conceptmap-operation-translate.html). */
export async function translate(tx: Tx, asked: TranslateAsked): Promise<Parameters> {
  const { url, version } = asked.url === undefined ? { url: undefined, version: undefined } : splitCanonical(asked.url)
  const maps = await tx.query<{ id: number }>({
    text: `select id from term_map where tenant_id = $1 and url <> '' and ($2::text is null or url = $2)
             and ($3::text is null or version = $3) and ($4::text is null or resource_id = $4)
             and ($5::text is null or source = $5) and ($6::text is null or target = $6)`,
    values: [
      tx.tenant,
      url ?? null,
      asked.version ?? version ?? null,
      asked.resourceId ?? null,
      asked.source ?? null,
      asked.target ?? null,
    ],
  })
  if (maps.length === 0 && (asked.url !== undefined || asked.resourceId !== undefined))
    throw refuse('concept-map-unknown', { faults: [{ path: 'url', message: `${asked.url ?? 'it'} is not known` }] })
  const [from, to] = asked.reverse ? ['target', 'source'] : ['source', 'target']
  const rows = await tx.query<Row>({
    text: `select e.map, m.url, e.source_system, e.source_code, e.target_system, e.target_code, e.display, e.equivalence, e.comment
           from unnest($3::text[], $4::text[]) a (system, code)
           join term_map_entry e on e.tenant_id = $1 and e.map = any($2) and e.${from}_code = a.code
             and (a.system is null or e.${from}_system = a.system) and ($5::text is null or e.${to}_system = $5)
           join term_map m on m.tenant_id = $1 and m.id = e.map
           order by e.map desc, e.n`,
    values: [
      tx.tenant,
      maps.map(({ id }) => id),
      asked.codings.map(({ system }) => system ?? null),
      asked.codings.map(({ code }) => code),
      asked.targetSystem ?? null,
    ],
  })
  const match = rows.map((row): ParametersParameter => {
    const equivalence = asked.reverse ? (backwards[row.equivalence] ?? row.equivalence) : row.equivalence
    const code = asked.reverse ? row.source_code : row.target_code
    const system = asked.reverse ? row.source_system : row.target_system
    return {
      name: 'match',
      part: [
        { name: 'equivalence', valueCode: equivalence },
        ...(code === ''
          ? []
          : [
              {
                name: 'concept',
                valueCoding: {
                  ...(system === '' ? {} : { system }),
                  code,
                  ...(row.display === null || asked.reverse ? {} : { display: row.display }),
                },
              },
            ]),
        { name: 'source', valueUri: row.url },
        ...(row.comment === null ? [] : [{ name: 'comment', valueString: row.comment }]),
      ],
    }
  })
  const result = rows.some(({ equivalence }) => !none.has(equivalence))
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'result', valueBoolean: result },
      ...(result ? [] : [{ name: 'message', valueString: 'No map leads from this code to what is asked' }]),
      ...match,
    ],
  }
}
