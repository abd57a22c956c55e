import { Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { formQuery } from '../api/queries.ts'
import { FormWork } from '../forms/form-work.tsx'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Waiting } from '../parts/states.tsx'

/** A form's draft, worked on without leaving the designer. It goes live with the pathway that names it. */
export function FormDialog({ id, close }: { id: string; close: () => void }) {
  const { t } = useWords()
  const form = useQuery(formQuery(id))
  return (
    <Modal
      opened
      fullScreen
      onClose={close}
      title={t('designEditQuestions')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {form.isPending && <Waiting lines={12} />}
      {form.error && !form.data && <Failure error={form.error} retry={form.refetch} />}
      {form.data && <FormWork key={form.data.status} form={form.data} finish={close} />}
    </Modal>
  )
}
