import '../styles/designer.css'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Waiting } from '../parts/states.tsx'
import { Workbench } from './workbench.tsx'
import { useDraft } from './use-draft.ts'

const route = getRouteApi('/pathways/$id/design/$draft')

/** The designer of one draft. */
export function DesignerPage() {
  const { t } = useWords()
  const { id, draft: name } = route.useParams()
  const { draft, surroundings } = useDraft(name)
  const error = draft.error ?? surroundings.error
  if (draft.data && surroundings.data)
    return (
      <Workbench
        key={`${name} ${draft.dataUpdatedAt}`}
        draft={draft.data}
        surroundings={surroundings.data}
        reload={draft.refetch}
      />
    )
  return (
    <div className="page">
      <Link to="/pathways/$id" params={{ id }} className="back">
        {t('pathways')}
      </Link>
      {error ? (
        <Failure
          error={error}
          retry={() => {
            void draft.refetch()
            void surroundings.refetch()
          }}
        />
      ) : (
        <Waiting lines={10} />
      )}
    </div>
  )
}
