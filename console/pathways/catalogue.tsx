import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { catalogueQuery } from '../api/pathway-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { PathwayPicture } from './pathway-views.tsx'
import { useBeginDraft } from './use-begin-draft.ts'

/** Pathways of the library, to be looked at and taken up. */
export function CatalogueList() {
  const { t, either } = useWords()
  const account = useAccount()
  const catalogue = useQuery(catalogueQuery)
  const begin = useBeginDraft()
  const [shown, setShown] = useState<string>()
  if (catalogue.isPending) return <Waiting />
  if (!catalogue.data) return <Failure error={catalogue.error} retry={catalogue.refetch} />
  const { items } = catalogue.data
  if (items.length === 0) return <Empty title={t('catalogueEmpty')} />
  const chosen = items.find((one) => one.id === shown)
  return (
    <>
      <p className="lead quiet">{t('catalogueHint')}</p>
      <div className="cards">
        {items.map((one) => (
          <article key={one.id} className="card-plain" data-testid="catalogue-card">
            <h2>{either(one.title)}</h2>
            {one.description && <p>{either(one.description)}</p>}
            <p className="quiet">
              {t('stepsCount', { count: one.graph.nodes.length })} · {t('scenariosCount', { count: one.scenarios })}
            </p>
            <div className="acts">
              <Button aria-expanded={shown === one.id} onClick={() => setShown(shown === one.id ? undefined : one.id)}>
                {t(shown === one.id ? 'hidePicture' : 'showPicture')}
              </Button>
              {one.takenUp ? (
                <span className="tag good">{t('takenUp')}</span>
              ) : (
                account.may('pathways.write') && (
                  <Button
                    variant="filled"
                    loading={begin.isPending}
                    onClick={() => begin.mutate({ catalogue: one.id })}
                  >
                    {t('takeUp')}
                  </Button>
                )
              )}
            </div>
          </article>
        ))}
      </div>
      {chosen && (
        <>
          <h2>{either(chosen.title)}</h2>
          <PathwayPicture graph={chosen.graph} report={null} title={either(chosen.title)} />
        </>
      )}
    </>
  )
}
