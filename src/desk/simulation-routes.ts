import { z } from 'zod'
import { api, type SimulationFit } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { fittedSettings, simulateApart, triedDefinition, triedOf } from '../journeys/index.ts'
import { type Route, route } from '../kernel/index.ts'
import { compile, type Definition, pictureOf } from '../pathways/index.ts'
import type { DeskDependencies } from './desk.ts'

const tried = z.union([
  z.strictObject({ draft: z.string().max(64) }),
  z.strictObject({ source: z.string().max(400_000) }),
  z.strictObject({ pathway: z.string().max(60), version: z.int() }),
])
const variant = z.strictObject({ tried, settings: api.simulationSettings })

/** What may come to a journey from outside, by the rule's path, in the order of the definition. */
function outsideEvents({ stops = [], pauses = [], tracks }: Definition): SimulationFit['events'] {
  return [
    ...stops.map(({ title }, index) => ({ rule: `stops.${index}`, kind: 'stop' as const, title })),
    ...pauses.flatMap(({ title }, index) => [
      { rule: `pauses.${index}`, kind: 'rest' as const, title },
      { rule: `pauses.${index}.resume`, kind: 'rest-ends' as const, title },
    ]),
    ...Object.entries(tracks).flatMap(([id, track]) => {
      const title = track.title ?? { en: id, fr: id }
      return [
        ...(track.starts && 'on' in track.starts
          ? [{ rule: `tracks.${id}.starts`, kind: 'track' as const, title }]
          : []),
        ...(track.stops ?? []).map((_stop, index) => ({
          rule: `tracks.${id}.stops.${index}`,
          kind: 'track-stop' as const,
          title,
        })),
      ]
    }),
  ]
}

/** Simulations: what the record suggests to start from, and runs of one or two variants. */
export function simulationRoutes({ database, pathways, library }: DeskDependencies): Route[] {
  const { calendar } = library
  const definitionOf = async (tx: Tx, asked: z.infer<typeof tried>) =>
    triedDefinition(tx, pathways, await triedOf(tx, pathways, asked))
  return [
    route({
      method: 'POST',
      path: '/api/simulations/settings',
      summary: 'What the journeys of a past period suggest for the simulation of a version or a draft',
      access: { permission: 'journeys.read' },
      style: 'api',
      audits: { nothing: 'numbers over many patients, and none of them' },
      body: z.strictObject({ tried, from: z.iso.datetime(), until: z.iso.datetime() }),
      reply: api.simulationFit,
      handle: (context, { body }) =>
        database.reading(context.tenant, async (tx) => {
          const definition = await definitionOf(tx, body.tried)
          const { pathway } = compile(definition, 0, pathways.surroundings.table)
          const period = { from: Date.parse(body.from), until: Date.parse(body.until) }
          const { settings, evidence, journeys } = await fittedSettings(tx, pathway, calendar, period)
          const titles = new Map(pictureOf(definition).nodes.map((node) => [node.id, node.title]))
          return {
            body: {
              pathway: definition.pathway,
              title: definition.title,
              journeys,
              settings,
              steps: evidence.map((one) => {
                const step = pathway.steps[one.step]
                return {
                  ...one,
                  kind: step?.kind ?? '',
                  title: titles.get(one.step) ?? { en: one.step, fr: one.step },
                  role: step?.step.task?.role ?? step?.step.form?.role ?? null,
                }
              }),
              events: outsideEvents(definition),
              roles: Object.keys(settings.roles).map((role) => ({
                role,
                title: library.roles.find((one) => one.id === role)?.title ?? { en: role, fr: role },
              })),
            },
          }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/simulations',
      summary: 'Simulate one variant of a pathway, or two side by side; answers when it is done',
      access: { permission: 'journeys.read' },
      style: 'api',
      audits: { nothing: 'made-up patients only' },
      body: z.strictObject({ variants: z.array(variant).min(1).max(2) }),
      reply: api.simulation,
      bodyLimit: 4_000_000,
      async handle(context, { body }) {
        const variants = await database.reading(context.tenant, async (tx) => {
          const known = []
          for (const one of body.variants)
            known.push({ definition: await definitionOf(tx, one.tried), settings: one.settings })
          return known
        })
        return { body: await simulateApart({ variants, calendar, table: pathways.surroundings.table }) }
      },
    }),
  ]
}
