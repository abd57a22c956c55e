import type { BreakGlassDependencies } from '../access/index.ts'
import { recordAccess } from '../audit/index.ts'
import { noticeTo } from '../engagement/index.ts'
import { practitionersWith } from '../identity/index.ts'
import { enqueueJobs } from '../jobs/index.ts'
import { newId } from '../kernel/index.ts'
import { taskFor } from '../work/index.ts'
import type { House } from './compose.ts'

const outcomes = [
  { code: 'appropriate', title: { en: 'It was right', fr: 'C’était justifié' } },
  { code: 'not-appropriate', title: { en: 'It was not right', fr: 'Ce n’était pas justifié' } },
]

/**
 * Emergency access asks for its review: a Task in the supervisors' queue, and a message to each of them at once. Neither
 * is in the patient's record, which may be as closed to the supervisor as it was to the caller: whose it was stands in the
 * list of emergency accesses.
 */
export const askReview =
  (house: Pick<House, 'record'>): BreakGlassDependencies['askReview'] =>
  async (tx, context, { glass, patient, supervisor, due, reason }) => {
    const now = context.clock.now()
    const task = taskFor({
      id: newId(context.clock),
      title: { en: 'Review an emergency access', fr: 'Vérifier un accès d’urgence' },
      description: {
        en: `${context.actor.name} opened a patient's record in an emergency. Reason given: ${reason.en}. Was it right?`,
        fr: `${context.actor.name} a ouvert le dossier d’un patient en urgence. Motif donné : ${reason.fr}. Était-ce justifié ?`,
      },
      role: supervisor,
      identifier: { system: 'urn:throughline:break-glass', value: glass },
      outcomes,
      now,
      due,
    })
    const notices = (await practitionersWith(tx, supervisor)).map((practitioner) =>
      noticeTo({ id: newId(context.clock), template: 'emergency-access', practitioner, now }),
    )
    const writes = [task, ...notices.map(({ message }) => message)]
    await house.record.write(
      tx,
      context,
      writes.map((resource) => ({ interaction: 'create' as const, resource })),
      { validate: false },
    )
    await enqueueJobs(
      tx,
      context.clock,
      notices.map(({ job }) => job),
    )
    await recordAccess(tx, context, [
      {
        action: 'C',
        code: 'review-asked',
        entities: writes.map((one) => `${one.resourceType}/${one.id}`),
        patients: [patient],
      },
    ])
    return task.id
  }
