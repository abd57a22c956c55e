import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { formQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { Waiting } from '../parts/states.tsx'
import { FormWork } from './form-work.tsx'

const route = getRouteApi('/forms/$id')

/** One version of a form on a page of its own. */
export function FormPage() {
  const { t } = useWords()
  const { id } = route.useParams()
  const navigate = route.useNavigate()
  const form = useQuery(formQuery(id))
  if (form.isPending) return <Waiting lines={12} />
  if (!form.data) return <Failure error={form.error} retry={form.refetch} />
  return (
    <div className="page">
      <Link to="/forms" className="back">
        <Icon name="back" /> {t('forms')}
      </Link>
      <FormWork
        key={`${form.data.id} ${form.data.status}`}
        form={form.data}
        opened={(next) => void navigate({ to: '/forms/$id', params: { id: next } })}
      />
    </div>
  )
}
