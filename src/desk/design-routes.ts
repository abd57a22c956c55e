import type { Questionnaire } from '@medplum/fhirtypes'
import { api, type DesignSurroundings, type FormQuestion } from '../contracts/index.ts'
import { bothOf, type FormItem, readForm } from '../forms/index.ts'
import { type Route, route } from '../kernel/index.ts'
import { outlineOf } from '../pathways/index.ts'
import type { DeskDependencies } from './desk.ts'
import { canonicalOf } from './forms/canonical.ts'
import { allForms } from './forms/form-routes.ts'

/** What the designer must know to check and play a pathway in the browser as this house would. */
export function designRoutes(dependencies: DeskDependencies): Route[] {
  const { database, pathways, library } = dependencies
  const { channels, kinds = [], formLinks = false, connectors = [], automations = [], table } = pathways.surroundings
  return [
    route({
      method: 'GET',
      path: '/api/design/surroundings',
      summary: 'What a pathway may name here: roles, messages, forms, pathways, and when the clinic works',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: { nothing: 'definitions, and no patient' },
      reply: api.designSurroundings,
      handle: (context) =>
        database.transaction(context.tenant, async (tx) => {
          const rows = await tx.query<{ pathway: string; version: number }>({
            text: 'select pathway, version from pathway_version where tenant_id = $1 order by pathway, version',
            values: [tx.tenant],
          })
          const published = []
          for (const { pathway, version } of rows) {
            const compiled = await pathways.version(tx, pathway, version)
            published.push({ ...outlineOf(compiled), title: compiled.definition.title })
          }
          const { roles, templates, calendar } = library
          return {
            body: {
              roles,
              templates,
              channels,
              kinds: [...kinds],
              forms: formsOf(await allForms(tx, dependencies)),
              formLinks,
              connectors,
              automations,
              pathways: published,
              calendar,
              table,
            },
          }
        }),
    }),
  ]
}

const statuses = ['draft', 'active', 'retired'] as const

function formsOf(all: readonly Questionnaire[]): DesignSurroundings['forms'] {
  return [...new Set(all.map(({ url }) => url ?? ''))].flatMap((url) => {
    const versions = all.filter((one) => one.url === url)
    const shown = versions.find(({ status }) => status === 'active') ?? versions[0]
    if (!shown) return []
    return {
      url,
      title: bothOf(shown, 'title', shown.language),
      versions: versions.flatMap((one) => {
        const status = statuses.find((known) => known === one.status)
        if (status === undefined) return []
        const questions = questionsOf(readForm(one).form.items)
        return { id: one.id ?? '', canonical: canonicalOf(one), version: one.version ?? '', status, questions }
      }),
    }
  })
}

const questionsOf = (items: readonly FormItem[], path = 'item'): FormQuestion[] =>
  items.flatMap(({ linkId, text, type, options, items: inner }) => [
    ...(type === 'display'
      ? []
      : [
          {
            linkId,
            path,
            text: text.en === '' && text.fr === '' ? { en: linkId, fr: linkId } : text,
            type,
            options: options.flatMap(({ answer, words }) => {
              const code = answer.valueCoding?.code ?? answer.valueString
              return code === undefined ? [] : [{ code, text: words }]
            }),
          },
        ]),
    ...questionsOf(inner, type === 'group' ? `${path}.item` : `${path}.answer.item`),
  ])
