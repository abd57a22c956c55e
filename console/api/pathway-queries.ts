import { queryOptions } from '@tanstack/react-query'
import type {
  Catalogue,
  CommentList,
  Comparison,
  Draft,
  DraftList,
  Examination,
  PathwayHistory,
} from '../../src/contracts/index.ts'
import { get, withQuery } from './call.ts'

const id = encodeURIComponent

export const draftsQuery = (pathway?: string) =>
  queryOptions({
    queryKey: ['pathways', 'drafts', pathway ?? ''],
    queryFn: () => get<DraftList>(withQuery('/api/drafts', { pathway })),
  })
export const draftQuery = (draft: string) =>
  queryOptions({ queryKey: ['pathways', 'draft', draft], queryFn: () => get<Draft>(`/api/drafts/${id(draft)}`) })
/** Asked anew for each revision: what the checker and the scenarios say of it. */
export const examinationQuery = (draft: string, revision: number) =>
  queryOptions({
    queryKey: ['pathways', 'draft', draft, 'examination', revision],
    queryFn: () => get<Examination>(`/api/drafts/${id(draft)}/examination`),
  })
export const commentsQuery = (draft: string) =>
  queryOptions({
    queryKey: ['pathways', 'draft', draft, 'comments'],
    queryFn: () => get<CommentList>(`/api/drafts/${id(draft)}/comments`),
  })
/** Two versions or drafts side by side; `revision` of the draft among them. */
export const comparisonQuery = (pathway: string, from: string, to: string, revision = 0) =>
  queryOptions({
    queryKey: ['pathways', 'compare', pathway, from, to, revision],
    queryFn: () => get<Comparison>(withQuery(`/api/pathways/${id(pathway)}/compare`, { from, to })),
  })
export const pathwayHistoryQuery = (pathway: string) =>
  queryOptions({
    queryKey: ['pathways', 'history', pathway],
    queryFn: () => get<PathwayHistory>(`/api/pathways/${id(pathway)}/history`),
  })
export const catalogueQuery = queryOptions({
  queryKey: ['pathways', 'catalogue'],
  queryFn: () => get<Catalogue>('/api/pathways/catalogue'),
})
