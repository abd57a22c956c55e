import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import type { MatterListName, WorkConditions } from '../src/contracts/index.ts'
import type { AuditFilter, WorkListName } from './api/queries.ts'
import { App, FirstPage, NoSuchPage } from './shell/app.tsx'
import { Onward } from './shell/onward.tsx'

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
const count = (value: unknown): number | undefined =>
  Number.isInteger(Number(value)) && Number(value) > 0 ? Number(value) : undefined
const oneOf = <const T extends string>(known: readonly T[], value: unknown): T | undefined =>
  known.find((one) => one === value)

// An address holds names and ids only. What somebody searches for may be a patient's name: it stays in the page.
const root = createRootRoute({ component: App, notFoundComponent: NoSuchPage })
const first = createRoute({ getParentRoute: () => root, path: '/', component: FirstPage })
/** What a list of tasks is narrowed to. */
function conditionsIn(search: Record<string, unknown>): WorkConditions {
  const given: WorkConditions = {
    role: text(search['role']),
    urgency: oneOf(['urgent', 'asap', 'stat'], search['urgency']),
    due: oneOf(['late', 'day', 'week'], search['due']),
    kind: text(search['kind']),
    place: text(search['place']),
    level: oneOf(['at-risk', 'breached'], search['level']),
    escalated: search['escalated'] === true || search['escalated'] === 'true' ? 'true' : undefined,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
const work = createRoute({
  getParentRoute: () => root,
  path: '/work',
  validateSearch: (search: Record<string, unknown>): { list?: WorkListName; task?: string } & WorkConditions => {
    const list = oneOf(['mine', 'queue', 'all', 'unowned', 'done'], search['list'])
    const task = text(search['task'])
    return { ...(list ? { list } : {}), ...(task ? { task } : {}), ...conditionsIn(search) }
  },
  component: lazyRouteComponent(() => import('./work/work-page.tsx'), 'WorkPage'),
})
const session = createRoute({
  getParentRoute: () => root,
  path: '/work/session',
  validateSearch: (search: Record<string, unknown>): { list?: WorkListName } & WorkConditions => {
    const list = oneOf(['mine', 'queue', 'unowned'], search['list'])
    return { ...(list ? { list } : {}), ...conditionsIn(search) }
  },
  component: lazyRouteComponent(() => import('./work/session-page.tsx'), 'SessionPage'),
})
const queues = createRoute({
  getParentRoute: () => root,
  path: '/work/queues',
  component: lazyRouteComponent(() => import('./work/queues-page.tsx'), 'QueuesPage'),
})
const watched = createRoute({
  getParentRoute: () => root,
  path: '/work/watched',
  component: lazyRouteComponent(() => import('./work/watched-page.tsx'), 'WatchedPage'),
})
const lists = createRoute({
  getParentRoute: () => root,
  path: '/lists',
  validateSearch: (search: Record<string, unknown>): { list?: MatterListName } => {
    const list = oneOf(['results', 'referrals', 'no-next-step', 'unreachable', 'messages'], search['list'])
    return list ? { list } : {}
  },
  component: lazyRouteComponent(() => import('./lists/lists-page.tsx'), 'ListsPage'),
})
const board = createRoute({
  getParentRoute: () => root,
  path: '/journeys',
  validateSearch: (
    search: Record<string, unknown>,
  ): { pathway?: string; stage?: string; show?: 'list' | 'ended' | 'overdue' } => {
    const pathway = text(search['pathway'])
    const stage = text(search['stage'])
    const show = oneOf(['list', 'ended', 'overdue'], search['show'])
    return { ...(pathway ? { pathway } : {}), ...(stage ? { stage } : {}), ...(show ? { show } : {}) }
  },
  component: lazyRouteComponent(() => import('./journeys/board-page.tsx'), 'BoardPage'),
})
const journey = createRoute({
  getParentRoute: () => root,
  path: '/journeys/$id',
  component: lazyRouteComponent(() => import('./journeys/journey-page.tsx'), 'JourneyPage'),
})
const pathways = createRoute({
  getParentRoute: () => root,
  path: '/pathways',
  validateSearch: (search: Record<string, unknown>): { show?: 'drafts' | 'catalogue' } => {
    const show = oneOf(['drafts', 'catalogue'], search['show'])
    return show ? { show } : {}
  },
  component: lazyRouteComponent(() => import('./pathways/pathways-page.tsx'), 'PathwaysPage'),
})
const pathway = createRoute({
  getParentRoute: () => root,
  path: '/pathways/$id',
  validateSearch: (
    search: Record<string, unknown>,
  ): { version?: number; show?: 'changes' | 'scenarios' | 'source' | 'drafts' | 'history' } => {
    const version = count(search['version'])
    const show = oneOf(['changes', 'scenarios', 'source', 'drafts', 'history'], search['show'])
    return { ...(version === undefined ? {} : { version }), ...(show ? { show } : {}) }
  },
  component: lazyRouteComponent(() => import('./pathways/pathway-page.tsx'), 'PathwayPage'),
})
const pathwayDraft = createRoute({
  getParentRoute: () => root,
  path: '/pathways/drafts/$draft',
  validateSearch: (
    search: Record<string, unknown>,
  ): { show?: 'changes' | 'picture' | 'source' | 'scenarios' | 'comments' } => {
    const show = oneOf(['changes', 'picture', 'source', 'scenarios', 'comments'], search['show'])
    return show ? { show } : {}
  },
  component: lazyRouteComponent(() => import('./pathways/draft-page.tsx'), 'DraftPage'),
})
const forms = createRoute({
  getParentRoute: () => root,
  path: '/forms',
  component: lazyRouteComponent(() => import('./forms/forms-page.tsx'), 'FormsPage'),
})
const form = createRoute({
  getParentRoute: () => root,
  path: '/forms/$id',
  component: lazyRouteComponent(() => import('./forms/form-page.tsx'), 'FormPage'),
})
const designer = createRoute({
  getParentRoute: () => root,
  path: '/pathways/$id/design/$draft',
  component: lazyRouteComponent(() => import('./designer/designer-page.tsx'), 'DesignerPage'),
})
const tried = (search: Record<string, unknown>): { pathway?: string; version?: number; draft?: string } => {
  const pathway = text(search['pathway'])
  const version = count(search['version'])
  const draft = text(search['draft'])
  return { ...(pathway ? { pathway } : {}), ...(version ? { version } : {}), ...(draft ? { draft } : {}) }
}
const replays = createRoute({
  getParentRoute: () => root,
  path: '/replays',
  validateSearch: tried,
  component: lazyRouteComponent(() => import('./replay/replays-page.tsx'), 'ReplaysPage'),
})
const replay = createRoute({
  getParentRoute: () => root,
  path: '/replays/$id',
  validateSearch: (search: Record<string, unknown>): { kind?: string } => {
    const kind = text(search['kind'])
    return kind ? { kind } : {}
  },
  component: lazyRouteComponent(() => import('./replay/replay-page.tsx'), 'ReplayPage'),
})
const replayedJourney = createRoute({
  getParentRoute: () => root,
  path: '/replays/$id/$journey',
  component: lazyRouteComponent(() => import('./replay/replayed-journey-page.tsx'), 'ReplayedJourneyPage'),
})
const simulation = createRoute({
  getParentRoute: () => root,
  path: '/simulation',
  validateSearch: tried,
  component: lazyRouteComponent(() => import('./simulation/simulation-page.tsx'), 'SimulationPage'),
})
const automations = createRoute({
  getParentRoute: () => root,
  path: '/automations',
  component: lazyRouteComponent(() => import('./automations/automations-page.tsx'), 'AutomationsPage'),
})
const automation = createRoute({
  getParentRoute: () => root,
  path: '/automations/$id',
  component: lazyRouteComponent(() => import('./automations/automation-page.tsx'), 'AutomationPage'),
})
const compare = createRoute({
  getParentRoute: () => root,
  path: '/automations/$id/compare',
  component: lazyRouteComponent(() => import('./automations/compare-page.tsx'), 'ComparePage'),
})
const watching = createRoute({
  getParentRoute: () => root,
  path: '/automations/$id/watching',
  component: lazyRouteComponent(() => import('./automations/watching-page.tsx'), 'WatchingPage'),
})
const runbook = createRoute({
  getParentRoute: () => root,
  path: '/automations/$id/runbook',
  component: lazyRouteComponent(() => import('./automations/runbook-page.tsx'), 'RunbookPage'),
})
const safetyCase = createRoute({
  getParentRoute: () => root,
  path: '/automations/$id/safety/$version',
  component: lazyRouteComponent(() => import('./automations/safety-page.tsx'), 'SafetyPage'),
})
const flags = createRoute({
  getParentRoute: () => root,
  path: '/flags',
  component: lazyRouteComponent(() => import('./automations/flags-page.tsx'), 'FlagsPage'),
})
const flag = createRoute({
  getParentRoute: () => root,
  path: '/flags/$key',
  component: lazyRouteComponent(() => import('./automations/flag-page.tsx'), 'FlagPage'),
})
const incident = createRoute({
  getParentRoute: () => root,
  path: '/incidents/$id',
  component: lazyRouteComponent(() => import('./automations/incident-page.tsx'), 'IncidentPage'),
})
const moves = createRoute({
  getParentRoute: () => root,
  path: '/moves',
  validateSearch: (search: Record<string, unknown>): { pathway?: string; to?: number } => {
    const of = text(search['pathway'])
    const to = count(search['to'])
    return { ...(of ? { pathway: of } : {}), ...(to === undefined ? {} : { to }) }
  },
  component: lazyRouteComponent(() => import('./moving/moves-page.tsx'), 'MovesPage'),
})
const move = createRoute({
  getParentRoute: () => root,
  path: '/moves/$id',
  component: lazyRouteComponent(() => import('./moving/move-page.tsx'), 'MovePage'),
})
const outbox = createRoute({
  getParentRoute: () => root,
  path: '/outbox',
  validateSearch: (search: Record<string, unknown>): { show?: string; message?: string } => {
    const show = text(search['show'])
    const message = text(search['message'])
    return { ...(show ? { show } : {}), ...(message ? { message } : {}) }
  },
  component: lazyRouteComponent(() => import('./outbox/outbox-page.tsx'), 'OutboxPage'),
})
const record = createRoute({
  getParentRoute: () => root,
  path: '/record',
  validateSearch: (search: Record<string, unknown>): { type?: string; sort?: string } => {
    const type = text(search['type'])
    const sort = text(search['sort'])
    return { ...(type ? { type } : {}), ...(sort ? { sort } : {}) }
  },
  component: lazyRouteComponent(() => import('./record/record-page.tsx'), 'RecordPage'),
})
const resource = createRoute({
  getParentRoute: () => root,
  path: '/record/$type/$id',
  validateSearch: (search: Record<string, unknown>): { view?: 'json' | 'history' | 'consents' | 'services' } => {
    const view = oneOf(['json', 'history', 'consents', 'services'], search['view'])
    return view ? { view } : {}
  },
  component: lazyRouteComponent(() => import('./record/resource-page.tsx'), 'ResourcePage'),
})
const people = createRoute({
  getParentRoute: () => root,
  path: '/people',
  component: lazyRouteComponent(() => import('./people/people-page.tsx'), 'PeoplePage'),
})
const team = createRoute({
  getParentRoute: () => root,
  path: '/team',
  component: lazyRouteComponent(() => import('./team/team-page.tsx'), 'TeamPage'),
})
const staffImports = createRoute({
  getParentRoute: () => root,
  path: '/team/imports',
  component: lazyRouteComponent(() => import('./team/imports-page.tsx'), 'ImportsPage'),
})
const staffImport = createRoute({
  getParentRoute: () => root,
  path: '/team/imports/$id',
  component: lazyRouteComponent(() => import('./team/import-page.tsx'), 'ImportPage'),
})
const levels = createRoute({
  getParentRoute: () => root,
  path: '/team/levels',
  component: lazyRouteComponent(() => import('./team/levels-page.tsx'), 'LevelsPage'),
})
const coverage = createRoute({
  getParentRoute: () => root,
  path: '/team/coverage',
  validateSearch: (search: Record<string, unknown>): { kind?: string; without?: string } => {
    const kind = text(search['kind'])
    const without = text(search['without'])
    return { ...(kind ? { kind } : {}), ...(without ? { without } : {}) }
  },
  component: lazyRouteComponent(() => import('./team/coverage-page.tsx'), 'CoveragePage'),
})
const workload = createRoute({
  getParentRoute: () => root,
  path: '/team/workload',
  component: lazyRouteComponent(() => import('./team/workload-page.tsx'), 'WorkloadPage'),
})
const services = createRoute({
  getParentRoute: () => root,
  path: '/services',
  validateSearch: (search: Record<string, unknown>): { place?: string } => {
    const place = text(search['place'])
    return place ? { place } : {}
  },
  component: lazyRouteComponent(() => import('./services/services-page.tsx'), 'ServicesPage'),
})
const service = createRoute({
  getParentRoute: () => root,
  path: '/services/$id',
  validateSearch: (search: Record<string, unknown>): { version?: number } => {
    const version = count(search['version'])
    return version === undefined ? {} : { version }
  },
  component: lazyRouteComponent(() => import('./services/service-page.tsx'), 'ServicePage'),
})
const overrides = createRoute({
  getParentRoute: () => root,
  path: '/overrides',
  validateSearch: (search: Record<string, unknown>): { days?: number } => {
    const days = count(search['days'])
    return days === undefined ? {} : { days }
  },
  component: lazyRouteComponent(() => import('./overrides/overrides-page.tsx'), 'OverridesPage'),
})
const access = createRoute({
  getParentRoute: () => root,
  path: '/access',
  validateSearch: (
    search: Record<string, unknown>,
  ): { show?: 'why' | 'emergencies'; resource?: string; account?: string } => {
    const show = oneOf(['why', 'emergencies'], search['show'])
    const resource = text(search['resource'])
    const account = text(search['account'])
    return { ...(show ? { show } : {}), ...(resource ? { resource } : {}), ...(account ? { account } : {}) }
  },
  component: lazyRouteComponent(() => import('./access/access-page.tsx'), 'AccessPage'),
})
const flows = createRoute({
  getParentRoute: () => root,
  path: '/flows',
  validateSearch: (search: Record<string, unknown>): { show?: 'transfers' } => {
    const show = oneOf(['transfers'], search['show'])
    return show ? { show } : {}
  },
  component: lazyRouteComponent(() => import('./flows/flows-page.tsx'), 'FlowsPage'),
})
const terminology = createRoute({
  getParentRoute: () => root,
  path: '/terminology',
  component: lazyRouteComponent(() => import('./terminology/terminology-page.tsx'), 'TerminologyPage'),
})
const clients = createRoute({
  getParentRoute: () => root,
  path: '/clients',
  component: lazyRouteComponent(() => import('./clients/clients-page.tsx'), 'ClientsPage'),
})
const sessions = createRoute({
  getParentRoute: () => root,
  path: '/sessions',
  component: lazyRouteComponent(() => import('./sessions/sessions-page.tsx'), 'SessionsPage'),
})
const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: lazyRouteComponent(() => import('./account/account-page.tsx'), 'AccountPage'),
})
// Who is not signed in sees the sign-in page at every address; at this one they go on to what waited for them.
const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { onward?: string; failed?: string } => {
    const onward = text(search['onward'])
    const failed = text(search['failed'])
    return { ...(onward ? { onward } : {}), ...(failed ? { failed } : {}) }
  },
  component: Onward,
})
const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>): AuditFilter =>
    Object.fromEntries(
      (['entity', 'actor', 'code', 'outcome', 'from', 'until'] as const).flatMap((name) => {
        const value = text(search[name])
        return value === undefined ? [] : [[name, value]]
      }),
    ),
  component: lazyRouteComponent(() => import('./audit/audit-page.tsx'), 'AuditPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    first,
    work,
    session,
    queues,
    watched,
    lists,
    board,
    journey,
    pathways,
    pathway,
    pathwayDraft,
    forms,
    form,
    designer,
    replays,
    replay,
    replayedJourney,
    simulation,
    automations,
    compare,
    automation,
    watching,
    runbook,
    safetyCase,
    flags,
    flag,
    incident,
    moves,
    move,
    outbox,
    record,
    resource,
    people,
    team,
    staffImports,
    staffImport,
    levels,
    coverage,
    workload,
    services,
    service,
    overrides,
    access,
    clients,
    flows,
    terminology,
    sessions,
    account,
    signIn,
    audit,
  ]),
  defaultPreload: 'intent',
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
