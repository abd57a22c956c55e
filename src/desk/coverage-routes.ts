import { z } from 'zod'
import { api, type Coverage as CoverageView } from '../contracts/index.ts'
import { type CallContext, type Route, route } from '../kernel/index.ts'
import { type Coverage, type CoverageGap, readCoverage, readHours, sayBar } from '../work/index.ts'
import type { DeskDependencies } from './desk.ts'

const person = z.string().regex(/^Practitioner\/[A-Za-z0-9.-]{1,64}$/)
const nothing = { nothing: 'counts of tasks and the house’s own people, no patient' } as const

export function coverageRoutes({ database, routing, library }: DeskDependencies): Route[] {
  const { ontology } = routing
  const { calendar } = library
  return [
    route({
      method: 'GET',
      path: '/api/coverage',
      summary:
        'Expected tasks of two weeks by kind, place and day beside who may do them then; as if somebody had left',
      access: { permission: 'work.manage' },
      style: 'api',
      audits: nothing,
      query: z.object({ without: person.optional() }),
      reply: api.coverage,
      handle: (context, { query }) =>
        database.reading(context.tenant, async (tx) => {
          const found = await readCoverage(tx, { routing, calendar }, context.clock.now(), query.without)
          return { body: found ? viewOf(context, found) : empty }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/coverage/hours',
      summary: 'Expected tasks of a kind in a place in each hour of a day to come',
      access: { permission: 'work.manage' },
      style: 'api',
      audits: nothing,
      query: z.object({
        kind: z.string().max(60),
        place: z.string().max(6),
        day: z.coerce.number().int().min(0).max(13),
      }),
      reply: api.coverageHours,
      handle: (context, { query }) =>
        database.reading(context.tenant, async (tx) => ({
          body: { items: await readHours(tx, calendar, context.clock.now(), query) },
        })),
    }),
  ]

  function viewOf(context: CallContext, found: Coverage): CoverageView {
    const kinds = new Set(found.cells.map(({ kind }) => kind))
    const places = new Set(found.cells.map(({ place }) => place))
    const titled = (list: readonly { id: string; title: { en: string; fr: string } }[], id: string) => {
      const known = list.find((one) => one.id === id)
      return { id, title: known?.title ?? { en: id, fr: id } }
    }
    const named = (reference: string) => ({
      reference,
      name: found.team.find((one) => one.reference === reference)?.name ?? reference,
    })
    return {
      learnedFrom: found.learnedFrom,
      held: found.held ?? null,
      days: found.days,
      kinds: [...kinds].map((id) => titled(ontology.kinds, id)),
      places: [...places].map((id) => titled(ontology.places, id)),
      people: found.team.map(({ reference }) => named(reference)),
      cells: found.cells,
      gaps: found.gaps.map((gap) => ({
        ...gap,
        because: gap.because.map(({ person: reference, why }) => ({
          ...named(reference),
          why: typeof why === 'string' ? why : why.code,
          sentence: sentenceOf(context, why),
        })),
      })),
      gains: found.gains(5).map(({ person: reference, credential, place, minutes }) => ({
        person: named(reference),
        credential: titled(ontology.credentials, credential),
        place: titled(ontology.places, place),
        minutes,
      })),
    }
  }

  function sentenceOf({ locale }: CallContext, why: CoverageGap['because'][number]['why']): string {
    if (why === 'away') return locale === 'fr' ? 'est en congé' : 'is away'
    if (why === 'off') return locale === 'fr' ? 'n’est pas à l’horaire' : 'is not on the roster'
    return sayBar(ontology, why, locale)
  }
}

const empty: CoverageView = {
  learnedFrom: 0,
  held: null,
  days: [],
  kinds: [],
  places: [],
  people: [],
  cells: [],
  gaps: [],
  gains: [],
}
