import { lazy, Suspense, useMemo } from 'react'
import type { Graph, ScenarioReport } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { Waiting } from '../parts/states.tsx'

const Picture = lazy(() => import('../picture/picture.tsx'))

/** The picture of a text, with the steps marked that no scenario goes through. */
export function PathwayPicture({
  graph,
  report,
  title,
}: {
  graph: Graph
  report: ScenarioReport | null
  title: string
}) {
  const { t } = useWords()
  const marked = useMemo(() => {
    // Without any scenario every step would be marked: the list of scenarios says that better.
    const missing = new Set(report && report.results.length > 0 ? report.missing : [])
    return {
      nodes: graph.nodes.map((node) => ({ ...node, mark: missing.has(node.id) ? ('uncovered' as const) : undefined })),
      edges: graph.edges.map((edge) => ({
        ...edge,
        mark: missing.has(`${edge.from}.${edge.outcome ?? ''}`) ? ('uncovered' as const) : undefined,
      })),
    }
  }, [graph, report])
  return (
    <section aria-label={t('picture')}>
      <Suspense
        fallback={
          <div className="flow">
            <Waiting />
          </div>
        }
      >
        <Picture graph={marked} label={t('pictureOf', { name: title })} />
      </Suspense>
    </section>
  )
}
