import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Draft } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { Icon } from '../parts/icons.tsx'
import { useDesigner } from './design-context.ts'
import { ReviewButton } from './review-button.tsx'
import type { useAutosave } from './use-draft.ts'
import { type Panel, panels } from './workbench.tsx'

interface TitleBarProps {
  draft: Draft
  saving: ReturnType<typeof useAutosave>
  panel: Panel
  show: (panel: Panel) => void
  mayWrite: boolean
  openComments: number
  /** Whether the list of steps stands over the picture, where there is no room beside it. */
  outlined: boolean
  outline: (outlined: boolean) => void
  addStep: () => void
}

/** What is worked on, whether it is kept, and what may be done with it. */
export function TitleBar({
  draft,
  saving,
  panel,
  show,
  mayWrite,
  openComments,
  outlined,
  outline,
  addStep,
}: TitleBarProps) {
  const { t, either } = useWords()
  const { design, undo, redo, mayUndo, mayRedo, findings, work, readable } = useDesigner()
  const errors = findings.filter((one) => one.severity === 'error').length
  const counts: Partial<Record<Panel, number>> = {
    findings: findings.length,
    comments: openComments,
    scenarios: work.scenarios.length,
  }
  return (
    <header className="design-bar">
      <Link to="/pathways/$id" params={{ id: draft.pathway }} className="back" aria-label={t('pathway')}>
        <Icon name="back" />
      </Link>
      <div className="design-bar-title">
        <h1>{either(design.title)}</h1>
        <p className="quiet">
          {t('designDraftOf', { status: t(`designStatus_${draft.status}`) })} ·{' '}
          <span role="status" data-testid="save-state" data-state={saving.state}>
            {mayWrite ? t(`designSave_${saving.state}`) : t('designReadOnly')}
          </span>
          {saving.state === 'failed' && (
            <button type="button" className="plain-button" onClick={() => void saving.save()}>
              {t('tryAgain')}
            </button>
          )}
        </p>
      </div>
      <Button className="design-outline-button" aria-expanded={outlined} onClick={() => outline(!outlined)}>
        {t('designOutlineShow')}
      </Button>
      {mayWrite && (
        <div className="design-tools" role="group" aria-label={t('designTools')}>
          <Button disabled={!mayUndo} onClick={undo} title={`${t('undo')} (Ctrl+Z)`}>
            {t('undo')}
          </Button>
          <Button disabled={!mayRedo} onClick={redo} title={`${t('designRedo')} (Ctrl+Y)`}>
            {t('designRedo')}
          </Button>
          <Button disabled={!readable} onClick={addStep} leftSection={<Icon name="add" size={13} />}>
            {t('designAddStep')}
          </Button>
        </div>
      )}
      <div className="design-tabs" role="tablist" aria-label={t('designPanels')}>
        {panels.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            aria-selected={panel === one}
            data-severity={one === 'findings' && errors > 0 ? 'error' : undefined}
            onClick={() => show(one)}
          >
            {t(`designPanel_${one}`)}
            {(counts[one] ?? 0) > 0 && <span className="count">{counts[one]}</span>}
          </button>
        ))}
      </div>
      {mayWrite && <ReviewButton draft={draft} saving={saving} errors={errors} />}
    </header>
  )
}
