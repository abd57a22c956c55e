import { z } from 'zod'

/** Shapes of the HTTP API that the console speaks. Times are ISO 8601 in UTC; references are FHIR's `Type/id`. */
export const localized = z.object({ en: z.string(), fr: z.string() })
export const locale = z.enum(['en', 'fr'])
const time = z.iso.datetime()

export const errorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    faults: z.array(z.object({ path: z.string(), message: z.string(), code: z.string().optional() })),
    /** Of a failure that is not the caller's: the number under which the log has the rest of it. */
    request: z.string().optional(),
  }),
})

export const session = z.object({
  setupNeeded: z.boolean(),
  account: z
    .object({
      id: z.string(),
      name: z.string(),
      roles: z.array(z.string()),
      permissions: z.array(z.string()),
      locale,
      practitioner: z.string().nullable(),
    })
    .nullable(),
  /** Set for a person: until when a fresh proof of who they are holds, and what they must set up before anything else. */
  sign: z.object({ confirmedUntil: time.nullable(), mustSetUp: z.enum(['second-factor']).nullable() }).nullable(),
  tenant: z.object({ id: z.string(), name: z.string() }).nullable(),
  version: z.string(),
  zone: z.string(),
  now: time,
})

export const why = z.object({
  sentence: z.string(),
  chain: z.array(z.object({ at: time, sentence: z.string(), rule: z.string(), event: z.string() })),
})

export const workItem = z.object({
  id: z.string(),
  version: z.number(),
  title: localized,
  status: z.string(),
  stage: z.object({ id: z.string(), title: localized }).nullable(),
  statusReason: z.string().nullable(),
  priority: z.enum(['routine', 'urgent', 'asap', 'stat']),
  role: z.string().nullable(),
  owner: z.object({ reference: z.string(), name: z.string() }).nullable(),
  due: time.nullable(),
  overdue: z.boolean(),
  escalatedTo: z.array(z.string()),
  patient: z.object({ id: z.string(), name: z.string(), birthDate: z.string().nullable() }).nullable(),
  journey: z.string().nullable(),
  createdAt: time,
  outcomes: z.array(z.object({ code: z.string(), title: localized })),
  outcome: z.string().nullable(),
})

export const workList = z.object({
  items: z.array(workItem),
  counts: z.object({ mine: z.number(), queue: z.number(), overdue: z.number() }),
  next: z.string().nullable(),
})

export const workDetail = workItem.extend({
  description: z.string().nullable(),
  comments: z.array(z.object({ at: time.nullable(), by: z.string(), text: z.string() })),
  why: why.nullable(),
  about: z.array(z.object({ reference: z.string(), title: z.string(), text: z.string(), date: z.string().nullable() })),
})

export const messageItem = z.object({
  id: z.string(),
  status: z.string(),
  channel: z.string().nullable(),
  to: z.string(),
  patient: z.object({ id: z.string(), name: z.string() }).nullable(),
  template: z.string(),
  subject: z.string().nullable(),
  at: time,
  sentAt: time.nullable(),
  journey: z.string().nullable(),
})
export const messageList = z.object({
  items: z.array(messageItem),
  counts: z.record(z.string(), z.number()),
  next: z.string().nullable(),
})
export const messageDetail = messageItem.extend({
  text: z.string().nullable(),
  reason: z.string().nullable(),
  /** Why it has not been sent, or not yet, in the reader's language; null for one that was. */
  silence: z.string().nullable(),
  why: why.nullable(),
})

export const deadLetters = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      reference: z.string(),
      attempts: z.number(),
      lastError: z.string(),
      firstAt: time,
      lastAt: time,
    }),
  ),
})

export const graph = z.object({
  nodes: z.array(
    z.object({ id: z.string(), kind: z.string(), track: z.string(), stage: z.string().nullable(), title: localized }),
  ),
  /** `title`: what the pathway calls the outcome; null where only the code is known. */
  edges: z.array(
    z.object({ from: z.string(), to: z.string(), outcome: z.string().nullable(), title: localized.nullable() }),
  ),
})

export const board = z.object({
  pathway: z.object({ id: z.string(), title: localized, version: z.number() }),
  stages: z.array(
    z.object({
      id: z.string(),
      title: localized,
      count: z.number(),
      overdue: z.number(),
      oldestSince: time.nullable(),
      cards: z.array(
        z.object({
          id: z.string(),
          patient: z.object({ id: z.string(), name: z.string() }),
          since: time,
          due: time.nullable(),
          overdue: z.boolean(),
          priority: z.string(),
          waitingFor: z.string(),
        }),
      ),
    }),
  ),
  ended: z.object({
    lastThirtyDays: z.number(),
    byOutcome: z.array(z.object({ outcome: z.string(), title: localized.nullable(), count: z.number() })),
  }),
})

export const journeyDetail = z.object({
  journey: z.object({
    id: z.string(),
    pathway: z.string(),
    version: z.number(),
    title: localized,
    status: z.string(),
    outcome: z.string().nullable(),
    outcomeTitle: localized.nullable(),
    stage: localized.nullable(),
    startedAt: time,
    endedAt: time.nullable(),
    patient: z.object({ id: z.string(), name: z.string(), birthDate: z.string().nullable() }),
    trigger: z.string(),
  }),
  graph: graph.extend({
    nodes: z.array(
      graph.shape.nodes.element.extend({
        state: z.enum(['open', 'overdue', 'waiting', 'done', 'skipped', 'stopped', 'not-reached']),
        times: z.number(),
      }),
    ),
  }),
  timeline: z.array(
    z.object({
      at: time,
      kind: z.string(),
      sentence: z.string(),
      step: z.string().nullable(),
      rule: z.string(),
      event: z.string(),
    }),
  ),
  tasks: z.array(workItem),
  messages: z.array(messageItem),
  waitingFor: z.array(z.string()),
  /** What would have to happen next, the soonest due first: who must act, and what follows each way it may go. */
  next: z.array(z.object({ step: z.string(), must: z.string(), follows: z.array(z.string()) })),
  why,
  variables: z.array(
    z.object({ name: z.string(), value: z.union([z.string(), z.number(), z.boolean(), z.null()]), from: z.string() }),
  ),
})

export const finding = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  path: z.string(),
  line: z.number().optional(),
  column: z.number().optional(),
  message: z.string(),
})

export const pathwayList = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      title: localized,
      activeVersion: z.number(),
      versions: z.array(
        z.object({
          version: z.number(),
          status: z.string(),
          note: z.string(),
          publishedAt: time,
          by: z.string(),
          running: z.number(),
        }),
      ),
    }),
  ),
})
export const pathwayVersion = z.object({
  id: z.string(),
  version: z.number(),
  status: z.string(),
  title: localized,
  description: localized.nullable(),
  source: z.string(),
  graph,
  findings: z.array(finding),
})

/** Answer of `POST /api/pathways/check`. */
export const checked = z.object({ findings: z.array(finding) })
/** Answer of `POST /api/pathways`; `changed` is false when the source is that of the active version already. */
export const published = z.object({ pathway: z.string(), version: z.number(), changed: z.boolean() })

/**
 * `GET /api/journeys?pathway=&stage=&status=active|ended&overdue=true&after=`: the rows behind the board's numbers, the
 * longest in their stage first.
 */
export const journeyList = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      pathway: z.string(),
      version: z.number(),
      patient: z.object({ id: z.string(), name: z.string() }),
      status: z.string(),
      outcome: z.string().nullable(),
      outcomeTitle: localized.nullable(),
      stage: z.object({ id: z.string(), title: localized }).nullable(),
      since: time,
      startedAt: time,
      endedAt: time.nullable(),
      due: time.nullable(),
      overdue: z.boolean(),
      priority: z.string(),
    }),
  ),
  next: z.string().nullable(),
})

export const people = z.object({
  items: z.array(z.object({ reference: z.string(), name: z.string(), roles: z.array(z.string()) })),
})
export const roles = z.object({ items: z.array(z.object({ id: z.string(), title: localized })) })
export const accounts = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      email: z.string(),
      roles: z.array(z.string()),
      locale,
      disabled: z.boolean(),
    }),
  ),
})

/** `GET /api/tokens`: never the secret, which is told once by `POST /api/tokens`. */
export const tokens = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      roles: z.array(z.string()),
      createdAt: time,
      expiresAt: time.nullable(),
      revoked: z.boolean(),
    }),
  ),
})
export const tokenMade = z.object({ id: z.string(), token: z.string() })

export const audit = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      seq: z.number(),
      at: time,
      actor: z.string(),
      kind: z.string(),
      action: z.string(),
      code: z.string(),
      entities: z.array(z.string()),
      outcome: z.string(),
    }),
  ),
  next: z.string().nullable(),
  /** With the first page only: how the log stood when it was last gone through as a whole. */
  chain: z
    .object({
      verified: z.boolean(),
      length: z.number(),
      head: z.string(),
      at: time.nullable(),
      firstBad: z.number().nullable(),
    })
    .nullable(),
})

/** `GET /api/subscriptions`: who is told of what, and how it goes. `POST /api/subscriptions/:id/resend` sends now. */
export const subscriptions = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      status: z.enum(['requested', 'active', 'error', 'off']),
      topic: z.object({ url: z.string(), title: z.string() }),
      filters: z.array(z.string()),
      channel: z.enum(['rest-hook', 'websocket', 'email']),
      endpoint: z.string(),
      content: z.enum(['empty', 'id-only', 'full-resource']),
      /** The account or client with whose eyes it is read. */
      maker: z.string(),
      events: z.number(),
      waiting: z.number(),
      sentAt: time.nullable(),
      failures: z.number(),
      lastError: z.string().nullable(),
      lastErrorAt: time.nullable(),
      nextTryAt: time.nullable(),
    }),
  ),
})
/** `GET /api/topics`: what can be subscribed to. `own`: the id of the Basic resource that holds it, when it is no shipped one. */
export const topics = z.object({
  items: z.array(
    z.object({
      url: z.string(),
      title: z.string(),
      description: z.string(),
      resources: z.array(z.string()),
      filters: z.array(z.string()),
      own: z.string().nullable(),
    }),
  ),
})

/** `GET /api/transfers`: exports and imports, newest first. `DELETE /api/transfers/:id` stops one and takes its files away. */
export const transfers = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['export', 'import', 'upload']),
      status: z.enum(['running', 'done', 'failed']),
      owner: z.string(),
      /** What was asked for, in a line. */
      asked: z.string(),
      /** Resources done, and about how many there are in all when that is known. */
      done: z.number(),
      total: z.number().nullable(),
      files: z.number(),
      bytes: z.number(),
      error: z.string().nullable(),
      createdAt: time,
      endedAt: time.nullable(),
      expiresAt: time.nullable(),
    }),
  ),
})

export const auditSeals = z.object({
  /** `none`: nothing sealed yet; `broken`: the log, the checkpoints or their files disagree. */
  state: z.enum(['none', 'holds', 'broken']),
  /** Events linked. Those above `last.size` are not under a checkpoint yet. */
  links: z.number(),
  head: z.string(),
  last: z.object({ size: z.number(), root: z.string(), time, key: z.string() }).nullable(),
  checkpoints: z.number(),
  /** Of those, taken by the outside store; null without one. */
  sent: z.number().nullable(),
  /** The first bad row; it lies between `after` and `link` when `after` is given. */
  firstBad: z
    .object({
      link: z.number(),
      event: z.string().nullable(),
      fault: z.enum(['changed', 'missing', 'gap', 'cut', 'rewritten']),
      after: z.number().nullable(),
    })
    .nullable(),
  /** The first bad line of the file of checkpoints. */
  files: z.object({ line: z.number(), fault: z.string() }).nullable(),
  verified: z.object({ time, rows: z.number(), sealed: z.number() }).nullable(),
  /** PEM. */
  publicKey: z.string(),
})

export const auditProof = z.object({
  event: z.string(),
  content: z.string(),
  index: z.number(),
  path: z.array(z.string()),
  checkpoint: z.string(),
})

export const terminologySystems = z.object({
  items: z.array(
    z.object({
      id: z.number(),
      url: z.string(),
      version: z.string(),
      title: z.string(),
      /** shipped, resource, icd-10-cm, loinc, rxnorm, snomed-ct, cpt. */
      kind: z.string(),
      /** The version that is meant when none is named. */
      current: z.boolean(),
      concepts: z.number(),
      loadedAt: time,
    }),
  ),
})

const terminologyKind = z.enum(['icd-10-cm', 'loinc', 'rxnorm', 'snomed-ct', 'cpt'])
export const terminologyLoads = z.object({
  kinds: z.array(
    z.object({
      kind: terminologyKind,
      title: z.string(),
      /** Where its owner gives it out. */
      from: z.string(),
      notice: localized,
      /** Who confirmed the notice for the organisation; a load needs it. */
      confirmed: z.object({ by: z.string(), at: time }).nullable(),
    }),
  ),
  loads: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      source: z.string(),
      status: z.enum(['running', 'done', 'failed']),
      /** reading (in KiB), concepts, words, properties, hierarchy, maps, finishing. */
      phase: z.string(),
      done: z.number(),
      /** 0: not known beforehand. */
      total: z.number(),
      /** Code of the refusal and where it is. */
      fault: z.string().nullable(),
      by: z.string(),
      startedAt: time,
      updatedAt: time,
    }),
  ),
  /** What lies in the folder to be loaded from. */
  files: z.array(z.object({ name: z.string(), bytes: z.number(), folder: z.boolean() })),
})
export const terminologyLoad = z.object({
  kind: terminologyKind,
  file: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ._()+-]{0,150}$/),
  version: z.string().trim().min(1).max(200).optional(),
  replace: z.boolean().optional(),
})
export const terminologyLicence = z.object({ kind: terminologyKind, confirmed: z.literal(true) })

export const conceptSearch = z.object({
  items: z.array(
    z.object({
      system: z.string(),
      version: z.string(),
      code: z.string(),
      display: z.string(),
      /** The name that was found, when it is another than the display. */
      matched: z.string().nullable(),
    }),
  ),
})

export type Session = z.infer<typeof session>
export type WorkItem = z.infer<typeof workItem>
export type WorkDetail = z.infer<typeof workDetail>
export type WorkList = z.infer<typeof workList>
export type MessageItem = z.infer<typeof messageItem>
export type MessageDetail = z.infer<typeof messageDetail>
export type Board = z.infer<typeof board>
export type JourneyDetail = z.infer<typeof journeyDetail>
export type PathwayVersion = z.infer<typeof pathwayVersion>
export type WhyAnswer = z.infer<typeof why>
export type AccountList = z.infer<typeof accounts>
export type AuditList = z.infer<typeof audit>
export type AuditProof = z.infer<typeof auditProof>
export type AuditSeals = z.infer<typeof auditSeals>
export type DeadLetterList = z.infer<typeof deadLetters>
export type Checked = z.infer<typeof checked>
export type Fault = z.infer<typeof errorBody>['error']['faults'][number]
export type Finding = z.infer<typeof finding>
export type Graph = z.infer<typeof graph>
export type JourneyList = z.infer<typeof journeyList>
export type Published = z.infer<typeof published>
export type SubscriptionList = z.infer<typeof subscriptions>
export type TopicList = z.infer<typeof topics>
export type TransferList = z.infer<typeof transfers>
export type TerminologyLoads = z.infer<typeof terminologyLoads>
export type TerminologySystems = z.infer<typeof terminologySystems>
export type ConceptSearch = z.infer<typeof conceptSearch>
export type TokenList = z.infer<typeof tokens>
export type TokenMade = z.infer<typeof tokenMade>
export type MessageList = z.infer<typeof messageList>
export type PathwayList = z.infer<typeof pathwayList>
export type PeopleList = z.infer<typeof people>
export type RoleList = z.infer<typeof roles>
