import { z } from 'zod'
import { api } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { type CallContext, type Route, route } from '../../kernel/index.ts'
import { listCatalogue } from './catalogue.ts'
import type { VersionsDependencies } from './dependencies.ts'
import { tellDraft } from './draft-store.ts'
import { examine } from './examine.ts'
import { listPathways, pathwayHistory, versionView } from './list-pathways.ts'
import { publishElsewhere, retirePathway, rollBack, secondEmergency } from './publish-draft.ts'

const params = z.object({ id: z.string().max(60) })
const versionParams = params.extend({ version: z.coerce.number().int().min(1).max(1_000_000) })
const noPatient = { nothing: 'pathways, and no patient' }

export function versionRoutes(dependencies: VersionsDependencies): Route[] {
  const { database, pathways } = dependencies
  const inTx = <T>(context: CallContext, work: (tx: Tx) => Promise<T>) => database.transaction(context.tenant, work)
  const reads = { access: { permission: 'pathways.read' }, style: 'api', audits: noPatient } as const
  const changesLive = {
    method: 'POST',
    access: { permission: 'pathways.publish' },
    style: 'api',
    audits: ['pathway-live'],
  } as const
  return [
    route({
      ...reads,
      method: 'GET',
      path: '/api/pathways',
      summary: 'Pathways, their versions, and which of them is live where',
      reply: api.pathwayList,
      handle: (context) => inTx(context, async (tx) => ({ body: { items: await listPathways(tx) } })),
    }),
    route({
      ...reads,
      method: 'GET',
      path: '/api/pathways/catalogue',
      summary: 'Pathways of the library that the clinic may take up',
      reply: api.catalogue,
      handle: (context) =>
        inTx(context, async (tx) => ({ body: { items: await listCatalogue(tx, dependencies.library) } })),
    }),
    route({
      ...reads,
      method: 'GET',
      path: '/api/pathways/:id/history',
      summary: 'What happened to a pathway’s drafts and versions, the newest first',
      params,
      reply: api.pathwayHistory,
      handle: (context, request) =>
        inTx(context, async (tx) => ({ body: { items: await pathwayHistory(tx, request.params.id) } })),
    }),
    route({
      ...reads,
      method: 'GET',
      path: '/api/pathways/:id/versions/:version',
      summary: 'A version: its picture, its texts, its scenarios, and who answers for it',
      params: versionParams,
      reply: api.pathwayVersion,
      handle: (context, request) =>
        inTx(context, async (tx) => ({
          body: await versionView(tx, dependencies, request.params.id, request.params.version),
        })),
    }),
    route({
      ...reads,
      method: 'POST',
      path: '/api/pathways/check',
      summary: 'What the checker says of a source; nothing is stored',
      body: api.pathwayCheck,
      bodyLimit: 4 * 1024 * 1024,
      reply: api.checked,
      handle: (context, { body }) =>
        inTx(context, async (tx) => ({ body: { findings: (await pathways.check(tx, body)).findings } })),
    }),
    route({
      ...reads,
      method: 'POST',
      path: '/api/pathways/scenarios/run',
      summary: 'Play scenarios on a source; nothing is stored',
      body: api.scenariosRun,
      bodyLimit: 4 * 1024 * 1024,
      reply: api.scenariosRan,
      handle: (context, { body }) =>
        inTx(context, async (tx) => {
          const { findings, report } = await examine(tx, dependencies, body)
          return { body: { findings, report: report ?? null } }
        }),
    }),
    route({
      ...changesLive,
      path: '/api/pathways/:id/roll-back',
      summary: 'Bring an old version’s text back as a new version: by review, or in an emergency at once',
      params,
      audits: ['pathway-live', 'pathway-draft'],
      body: api.rollBack,
      reply: api.rolledBack,
      handle: (context, request) =>
        inTx(context, async (tx) => {
          const body = await rollBack(tx, context, dependencies, request.params.id, request.body)
          if (body.draft !== null) await tellDraft(tx, context, body.draft, 'C')
          return { status: 201, body }
        }),
    }),
    route({
      ...changesLive,
      path: '/api/pathways/:id/retire',
      summary: 'End what is live, for all or for some clinics; journeys that run go on',
      params,
      body: api.retire,
      handle: (context, request) =>
        inTx(context, async (tx) => {
          await retirePathway(tx, context, request.params.id, request.body)
          return { status: 204 }
        }),
    }),
    route({
      ...changesLive,
      path: '/api/pathways/:id/versions/:version/live',
      summary: 'Set a version that is live somewhere live for more clinics, or for all',
      params: versionParams,
      body: api.retire,
      reply: api.wentLive,
      handle: (context, request) =>
        inTx(context, async (tx) => {
          const { id, version } = request.params
          await publishElsewhere(tx, context, dependencies, { pathway: id, version, ...request.body })
          return { body: { pathway: id, version } }
        }),
    }),
    route({
      ...changesLive,
      path: '/api/pathways/:id/versions/:version/second',
      summary: 'Second what one person brought back alone in an emergency',
      access: { permission: 'pathways.approve' },
      params: versionParams,
      body: api.second,
      handle: (context, request) =>
        inTx(context, async (tx) => {
          const { id, version } = request.params
          await secondEmergency(tx, context, id, version, request.body.note)
          return { status: 204 }
        }),
    }),
  ]
}
