import { type Actor, errorTable } from '../kernel/index.ts'

const refuse = errorTable({ forbidden: { status: 403, issue: 'forbidden', text: 'You may not do this.' } })

export const permissions = [
  'record.read',
  'record.write',
  'record.export',
  'record.import',
  'work.read',
  'work.act',
  'work.manage',
  'journeys.read',
  'journeys.act',
  'journeys.move',
  'pathways.read',
  'pathways.write',
  'pathways.approve',
  'pathways.publish',
  'messages.read',
  'jobs.manage',
  'accounts.manage',
  'audit.read',
  'access.read',
  'access.manage',
  'access.review',
  'terminology.read',
  'terminology.manage',
  'release.read',
  'release.stop',
  'release.manage',
  'release.sign-clinical',
  'release.sign-technical',
] as const
export type Permission = (typeof permissions)[number]

const clinical: readonly Permission[] = [
  'record.read',
  'record.write',
  'work.read',
  'work.act',
  'journeys.read',
  'pathways.read',
  'messages.read',
  'terminology.read',
  'release.read',
  // Whoever is on shift may stop an automation; nobody has to find somebody first.
  'release.stop',
]
/** Writing, approving and setting live are three rights; two people take part in each publication, whatever rights they have. */
const changes: readonly Permission[] = ['pathways.write', 'pathways.approve', 'pathways.publish']
const lead: readonly Permission[] = [...clinical, 'work.manage', 'journeys.act']

/**
 * What each role may do. Default deny: a role that is not here may do nothing. The administrator keeps accounts and reads
 * the audit, and sees no patient: whoever gives access must not also quietly have it.
 */
const table: Readonly<Record<string, { title: { en: string; fr: string }; may: readonly Permission[] }>> = {
  administrator: {
    title: { en: 'Administrator', fr: 'Administration' },
    may: [
      'accounts.manage',
      'audit.read',
      'access.read',
      'access.manage',
      'pathways.read',
      'terminology.read',
      'terminology.manage',
    ],
  },
  'operations-lead': {
    title: { en: 'Operations lead', fr: 'Responsable des opérations' },
    may: [
      ...lead,
      ...changes,
      'journeys.move',
      'jobs.manage',
      'record.export',
      'record.import',
      'release.manage',
      'release.sign-technical',
    ],
  },
  'clinical-director': {
    title: { en: 'Clinical director', fr: 'Direction clinique' },
    may: [
      ...lead,
      ...changes,
      'journeys.move',
      'audit.read',
      'access.read',
      'access.review',
      'record.export',
      'release.manage',
      'release.sign-clinical',
    ],
  },
  'charge-nurse': {
    title: { en: 'Charge nurse', fr: 'Infirmière responsable' },
    may: [...lead, 'pathways.write'],
  },
  'triage-nurse': { title: { en: 'Triage nurse', fr: 'Infirmière au triage' }, may: clinical },
  'access-coordinator': { title: { en: 'Access coordinator', fr: 'Coordination de l’accès' }, may: clinical },
  'care-coordinator': { title: { en: 'Care coordinator', fr: 'Coordination des soins' }, may: clinical },
  physician: { title: { en: 'Physician', fr: 'Médecin' }, may: [...clinical, 'pathways.approve'] },
  'privacy-officer': {
    title: { en: 'Privacy officer', fr: 'Responsable de la protection des renseignements' },
    may: ['audit.read', 'access.read', 'access.manage', 'access.review'],
  },
  auditor: { title: { en: 'Auditor', fr: 'Vérification' }, may: ['audit.read'] },
  'client-read': {
    title: { en: 'Client, reading', fr: 'Client, lecture' },
    may: ['record.read', 'record.export', 'terminology.read'],
  },
  'client-write': {
    title: { en: 'Client, reading and writing', fr: 'Client, lecture et écriture' },
    may: ['record.read', 'record.write', 'record.export', 'record.import', 'terminology.read'],
  },
}

export const roleTitles = (): { id: string; title: { en: string; fr: string } }[] =>
  Object.entries(table).map(([id, { title }]) => ({ id, title }))

export const permissionsOf = (roles: readonly string[]): Permission[] =>
  permissions.filter((permission) => roles.some((role) => table[role]?.may.includes(permission)))

export const may = (actor: Actor, permission: string): boolean =>
  actor.roles.some((role) => table[role]?.may.some((one) => one === permission))

/** Throws `forbidden`, naming the permission that is missing. */
export function refuseUnless(actor: Actor, permission: string): void {
  if (!may(actor, permission))
    throw refuse('forbidden', { faults: [{ path: 'permission', message: `needs ${permission}` }] })
}
