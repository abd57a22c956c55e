import type { QuestionnaireItem } from '@medplum/fhirtypes'
import { api } from '../contracts/index.ts'
import { type Route, route } from '../kernel/index.ts'
import { outlineOf } from '../pathways/index.ts'
import type { DeskDependencies } from './desk.ts'

/** What the designer must know to check and play a pathway in the browser as this house would. */
export function designRoutes({ database, pathways, library }: DeskDependencies): Route[] {
  const { channels, formLinks = false, connectors = [], automations = [], table } = pathways.surroundings
  const forms = library.forms.map((form) => ({
    url: form.url,
    title: form.title ?? form.url,
    questions: questionsOf(form.item ?? []),
  }))
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
              forms,
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

const questionsOf = (items: readonly QuestionnaireItem[]): { linkId: string; text: string; type: string }[] =>
  items.flatMap((item) => [
    ...(item.type === 'display'
      ? []
      : [{ linkId: item.linkId ?? '', text: item.text ?? item.linkId ?? '', type: item.type ?? 'string' }]),
    ...questionsOf(item.item ?? []),
  ])
