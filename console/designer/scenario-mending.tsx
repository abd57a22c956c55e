import { Button } from '@mantine/core'
import { useMemo, useState } from 'react'
import { expectAsFound, type ScenariosReport } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { TwoTexts } from '../pathways/two-texts.tsx'
import { useDesigner } from './design-context.ts'

interface MendingProps {
  scenario: { name: string; source: string }
  failures: ScenariosReport['results'][number]['failures']
  take: (source: string) => void
}

/** Offers what happens now as what a scenario expects; the difference is seen before it is taken. */
export function ScenarioMending({ scenario, failures, take }: MendingProps) {
  const { t } = useWords()
  const { surroundings } = useDesigner()
  const [shown, setShown] = useState(false)
  const mended = useMemo(
    () => expectAsFound(scenario.source, failures, surroundings.calendar),
    [scenario.source, failures, surroundings],
  )
  if (failures.length === 0) return null
  if (mended === undefined) return <p className="quiet">{t('designMendByHand')}</p>
  if (!shown)
    return (
      <Button size="xs" onClick={() => setShown(true)}>
        {t('designExpectNow')}…
      </Button>
    )
  return (
    <section className="design-block" aria-label={t('designExpectNow')} data-testid="mending">
      <p>{t('designExpectNowHint')}</p>
      <TwoTexts before={scenario.source} after={mended} />
      <div className="form-end">
        <Button size="xs" onClick={() => setShown(false)}>
          {t('cancel')}
        </Button>
        <Button
          size="xs"
          variant="filled"
          onClick={() => {
            setShown(false)
            take(mended)
          }}
        >
          {t('designTakeExpectation')}
        </Button>
      </div>
    </section>
  )
}
