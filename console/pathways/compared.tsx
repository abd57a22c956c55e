import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo } from 'react'
import type { Comparison } from '../../src/contracts/index.ts'
import { comparisonQuery } from '../api/pathway-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Waiting } from '../parts/states.tsx'
import { TwoTexts } from './two-texts.tsx'

const Picture = lazy(() => import('../picture/picture.tsx'))

interface ComparedProps {
  pathway: string
  from: string
  to: string
  revision?: number
}

/** What differs between two texts of a pathway: in sentences, in one picture of both, and line by line. */
export function Compared({ pathway, from, to, revision = 0 }: ComparedProps) {
  const { t } = useWords()
  const compared = useQuery(comparisonQuery(pathway, from, to, revision))
  if (compared.isPending) return <Waiting lines={10} />
  if (!compared.data) return <Failure error={compared.error} retry={compared.refetch} />
  const { before, after } = compared.data
  return (
    <>
      <div className="two-wide">
        <ChangedPicture graph={compared.data.graph} />
        <Sentences changes={compared.data.changes} />
      </div>
      <section aria-label={t('lineByLine')}>
        <h2>{t('lineByLine')}</h2>
        {before === after ? <p className="quiet">{t('noChanges')}</p> : <TwoTexts before={before} after={after} />}
      </section>
    </>
  )
}

function ChangedPicture({ graph }: { graph: Comparison['graph'] }) {
  const { t } = useWords()
  const marked = useMemo(
    () => ({
      nodes: graph.nodes.map(({ change, ...node }) => ({ ...node, mark: change ?? undefined })),
      edges: graph.edges.map(({ change, ...edge }) => ({ ...edge, mark: change ?? undefined })),
    }),
    [graph],
  )
  return (
    <section aria-label={t('picture')}>
      <h2>{t('picture')}</h2>
      <Suspense
        fallback={
          <div className="flow">
            <Waiting />
          </div>
        }
      >
        <Picture graph={marked} label={t('pictureOfChanges')} />
      </Suspense>
    </section>
  )
}

const signs = { added: '+', removed: '−', changed: '≠' } as const

function Sentences({ changes }: { changes: Comparison['changes'] }) {
  const { t, either } = useWords()
  return (
    <section aria-label={t('changes')}>
      <h2>
        {t('changes')} <span className="count">{changes.length}</span>
      </h2>
      {changes.length === 0 && <p className="quiet">{t('noChangesSaid')}</p>}
      <ul className="plain change-list">
        {changes.map((change, index) => (
          <li key={index} data-kind={change.kind} data-testid="said-change">
            <b aria-hidden="true">{signs[change.kind]}</b>
            <span>
              <span className="unseen">{t(`mark_${change.kind}`)}: </span>
              {either(change.sentence)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
