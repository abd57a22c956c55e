import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import { ChoiceField } from './fields.tsx'

/** What pathways mostly begin by or wait for; any other type of the record is offered after these. */
const common = [
  'ServiceRequest',
  'Appointment',
  'Encounter',
  'Observation',
  'DiagnosticReport',
  'DocumentReference',
  'Condition',
  'Task',
  'MedicationRequest',
  'QuestionnaireResponse',
  'Flag',
  'Patient',
]

/** A type of resource, in words. */
export function ResourceField({
  value,
  change,
  path,
}: {
  value: string
  change: (value: string) => void
  path: string
}) {
  const { t, code } = useWords()
  const { surroundings } = useDesigner()
  const others = Object.keys(surroundings.table)
    .filter((type) => /^[A-Z][A-Za-z]+$/.test(type) && !common.includes(type))
    .toSorted()
  return (
    <ChoiceField
      label={t('designWhatHappens')}
      value={value}
      options={[
        ...common.map((type) => ({ value: type, label: code('designResource', type) })),
        ...others.map((type) => ({ value: type, label: type })),
      ]}
      path={path}
      change={(on) => change(on ?? '')}
    />
  )
}
