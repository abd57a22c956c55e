import { Button, Checkbox } from '@mantine/core'
import { afterOf, connect, disconnect, findStep } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import { useStepWords } from './use-step-words.ts'

/** A line of the picture: by which ends of the one step the other follows. */
export function LineForm({ from, to, add }: { from: string; to: string; add: () => void }) {
  const { t } = useWords()
  const { design, edit, choose } = useDesigner()
  const words = useStepWords()
  const step = findStep(design, to)?.step
  if (!step) return null
  const taken = afterOf(step).from.flatMap((edge) => {
    const [one, outcome] = edge.split('.')
    return one === from ? [outcome ?? ''] : []
  })
  return (
    <div className="design-form" data-testid="line-form">
      <header className="design-head">
        <p className="quiet">{t('designLine')}</p>
        <h2>
          {words.title(from)} → {words.title(to)}
        </h2>
      </header>
      <Checkbox.Group
        label={t('designFollowsAfter')}
        value={taken}
        onChange={(next) => {
          const gone = taken.filter((one) => !next.includes(one))
          const come = next.filter((one) => !taken.includes(one))
          const edge = (one: string) => ({ from, outcome: one === '' ? null : one, to })
          edit((before) => {
            const more = come.reduce((design, one) => connect(design, edge(one)), before)
            return gone.reduce((design, one) => disconnect(design, edge(one)), more)
          })
        }}
      >
        <div className="checks design-steps">
          {words.ways(from).map((one) => (
            <Checkbox key={one ?? ''} size="xs" value={one ?? ''} label={words.outcome(from, one)} />
          ))}
        </div>
      </Checkbox.Group>
      <div className="design-row">
        <Button onClick={add}>{t('designAddBetween')}</Button>
        <Button
          color="red.9"
          onClick={() => {
            edit((before) =>
              taken.reduce((design, one) => disconnect(design, { from, outcome: one === '' ? null : one, to }), before),
            )
            choose({ kind: 'step', id: to })
          }}
        >
          {t('designRemoveLine')}
        </Button>
      </div>
    </div>
  )
}
