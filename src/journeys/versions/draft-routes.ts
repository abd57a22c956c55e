import { z } from 'zod'
import { api } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { type CallContext, type Route, route } from '../../kernel/index.ts'
import { pictureOf } from '../../pathways/index.ts'
import { beginFromCatalogue } from './catalogue.ts'
import { beginFromVersion, beginNew } from './begin-draft.ts'
import { addComment, type Comment, listComments, resolveComment } from './comments.ts'
import type { VersionsDependencies } from './dependencies.ts'
import { type DraftRow, listDrafts, openComments, readDraft, tellDraft } from './draft-store.ts'
import { draftItem, draftView } from './draft-views.ts'
import { examine } from './examine.ts'
import { formsNamed, publishDraft } from './publish-draft.ts'
import { approveDraft, askForReview, discardDraft, reopenDraft, sendBack } from './review-draft.ts'
import { saveDraft } from './save-draft.ts'

const params = z.object({ id: z.string().max(64) })
const noPatient = { nothing: 'drafts of pathways, and no patient' }

export function draftRoutes(dependencies: VersionsDependencies): Route[] {
  const { database } = dependencies
  const inTx = <T>(context: CallContext, work: (tx: Tx) => Promise<T>) => database.transaction(context.tenant, work)
  const view = async (tx: Tx, context: CallContext, draft: DraftRow) =>
    draftView(draft, await openComments(tx, draft.id), context, dependencies)
  /** A draft has come into being, moved on, or ended: one line of the audit. */
  const moved = async (tx: Tx, context: CallContext, draft: DraftRow, action: 'C' | 'U' = 'U') => {
    await tellDraft(tx, context, draft.id, action)
    return view(tx, context, draft)
  }
  const act = (name: string, summary: string, permission: string) =>
    ({
      method: 'POST',
      path: `/api/drafts/:id/${name}`,
      summary,
      access: { permission },
      style: 'api',
      audits: ['pathway-draft'],
      params,
      reply: api.draft,
    }) as const

  return [
    route({
      method: 'GET',
      path: '/api/drafts',
      summary: 'Drafts that are being worked on; of a named pathway the ended ones too',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: noPatient,
      query: z.object({ pathway: z.string().max(60).optional() }),
      reply: api.draftList,
      handle: (context, { query }) =>
        inTx(context, async (tx) => ({ body: { items: (await listDrafts(tx, query.pathway)).map(draftItem) } })),
    }),
    route({
      method: 'POST',
      path: '/api/drafts',
      summary: 'Begin a draft from a version, from the catalogue or from a text',
      access: { permission: 'pathways.write' },
      style: 'api',
      audits: ['pathway-draft'],
      body: api.draftBegin,
      reply: api.draft,
      handle: (context, { body }) =>
        inTx(context, async (tx) => {
          const draft =
            'pathway' in body
              ? await beginFromVersion(tx, context, body)
              : 'catalogue' in body
                ? await beginFromCatalogue(tx, context, dependencies.library, body.catalogue)
                : await beginNew(tx, context, { source: body.source, templates: [], scenarios: [] })
          return { status: 201, body: await moved(tx, context, draft, 'C') }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/drafts/:id',
      summary: 'A draft with its texts and what the caller may do with it',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: noPatient,
      params,
      reply: api.draft,
      handle: (context, request) =>
        inTx(context, async (tx) => ({ body: await view(tx, context, await readDraft(tx, request.params.id)) })),
    }),
    route({
      method: 'PUT',
      path: '/api/drafts/:id',
      summary: 'Save the parts of a draft that changed; 409 when somebody else changed one of them since',
      access: { permission: 'pathways.write' },
      style: 'api',
      // Each save names its writer in the draft itself; the audit keeps what a draft went through, not every keystroke.
      audits: { nothing: 'the draft keeps its writers; its review and its publication are kept in the audit' },
      params,
      body: api.draftSave,
      bodyLimit: 4 * 1024 * 1024,
      reply: api.draftSaved,
      handle: (context, request) =>
        inTx(context, async (tx) => {
          const { revision } = await saveDraft(tx, context, request.params.id, given(request.body))
          return { body: { revision } }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/drafts/:id/examination',
      summary: 'What the checker and the scenarios say of a draft, and what would refuse its publication',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: noPatient,
      params,
      reply: api.examination,
      handle: (context, request) =>
        inTx(context, async (tx) => {
          const draft = await readDraft(tx, request.params.id)
          const { definition, findings, report, refusals } = await examine(tx, dependencies, draft, draft.pathway)
          const graph = definition ? pictureOf(definition) : null
          const forms = definition ? await dependencies.forms.drafts(tx, formsNamed(definition)) : []
          return { body: { findings, graph, report: report ?? null, refusals, forms } }
        }),
    }),
    route({
      ...act('ask', 'Ask for the review of a draft: its text is frozen', 'pathways.write'),
      body: api.draftAsk,
      handle: (context, request) =>
        inTx(context, async (tx) => ({
          body: await moved(
            tx,
            context,
            await askForReview(tx, context, dependencies, request.params.id, request.body),
          ),
        })),
    }),
    route({
      ...act('approve', 'Approve a draft in review: neither its last writer nor who asked', 'pathways.approve'),
      body: api.draftApprove,
      handle: (context, request) =>
        inTx(context, async (tx) => ({
          body: await moved(tx, context, await approveDraft(tx, context, request.params.id, request.body)),
        })),
    }),
    route({
      ...act('send-back', 'Send a draft in review back with a comment', 'pathways.approve'),
      body: api.draftSendBack,
      handle: (context, request) =>
        inTx(context, async (tx) => ({
          body: await moved(tx, context, await sendBack(tx, context, request.params.id, request.body.note)),
        })),
    }),
    route({
      ...act('reopen', 'Take a draft out of review, or give up its approval, to change it further', 'pathways.write'),
      handle: (context, request) =>
        inTx(context, async (tx) => ({
          body: await moved(tx, context, await reopenDraft(tx, context, request.params.id)),
        })),
    }),
    route({
      ...act('discard', 'Give a draft up', 'pathways.write'),
      handle: (context, request) =>
        inTx(context, async (tx) => ({
          body: await moved(tx, context, await discardDraft(tx, context, request.params.id)),
        })),
    }),
    route({
      ...act('publish', 'Set an approved draft live, for all clinics or some: not its last writer', 'pathways.publish'),
      audits: ['pathway-live', 'form-published'],
      body: api.draftPublish,
      reply: api.wentLive,
      handle: (context, request) =>
        inTx(context, async (tx) => ({
          status: 201,
          body: await publishDraft(tx, context, dependencies, request.params.id, request.body),
        })),
    }),
    ...commentRoutes(inTx),
  ]
}

/** A body without the members that it leaves out. */
const given = <T extends { revision: number; basedOn?: number | undefined }>({ basedOn, ...rest }: T) => ({
  ...rest,
  ...(basedOn === undefined ? {} : { basedOn }),
})

const commentView = ({ at, ...comment }: Comment) => ({ ...comment, at: at.toISOString() })

const commentRoutes = (inTx: <T>(context: CallContext, work: (tx: Tx) => Promise<T>) => Promise<T>): Route[] => [
  route({
    method: 'GET',
    path: '/api/drafts/:id/comments',
    summary: 'What people said of a draft and its steps',
    access: { permission: 'pathways.read' },
    style: 'api',
    audits: noPatient,
    params,
    reply: api.commentList,
    handle: (context, request) =>
      inTx(context, async (tx) => ({ body: { items: (await listComments(tx, request.params.id)).map(commentView) } })),
  }),
  route({
    method: 'POST',
    path: '/api/drafts/:id/comments',
    summary: 'Say something of a draft or of one of its steps',
    access: { permission: 'pathways.read' },
    style: 'api',
    audits: { nothing: 'a comment keeps its author, and is about no patient' },
    params,
    body: api.commentAdd,
    reply: api.comment,
    handle: (context, request) =>
      inTx(context, async (tx) => ({
        status: 201,
        body: commentView(await addComment(tx, context, request.params.id, request.body)),
      })),
  }),
  route({
    method: 'PUT',
    path: '/api/drafts/:id/comments/:comment',
    summary: 'Mark a comment as dealt with, or open again',
    access: { permission: 'pathways.write' },
    style: 'api',
    audits: { nothing: 'a comment keeps who dealt with it, and is about no patient' },
    params: params.extend({ comment: z.string().max(64) }),
    body: api.commentResolve,
    reply: api.comment,
    handle: (context, { params: { id, comment }, body }) =>
      inTx(context, async (tx) => ({
        body: commentView(await resolveComment(tx, context, { draft: id, comment, resolved: body.resolved })),
      })),
  }),
]
