import { Button } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import type { Draft } from '../../src/contracts/index.ts'
import { ApiError } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { TwoTexts } from './two-texts.tsx'

interface SaveBarProps {
  changed: boolean
  mine: string
  theirs: string
  /** Who changed it last. */
  by: Draft['parts']['source']
  saving: { isPending: boolean; error: unknown }
  save: () => void
  keepMine: () => void
  takeTheirs: () => void
}

/** Saves what was written; when somebody else was quicker, shows both texts and asks which one stays. */
export function SaveBar({ changed, mine, theirs, by, saving, save, keepMine, takeTheirs }: SaveBarProps) {
  const { t, moment } = useWords()
  // What was written is not lost by a link beside it.
  useBlocker({
    shouldBlockFn: () => changed && !window.confirm(t('leaveUnsaved')),
    enableBeforeUnload: () => changed,
  })
  const { error } = saving
  const stale = error instanceof ApiError && error.code === 'stale-draft' ? error : undefined
  if (stale && mine !== theirs)
    return (
      <section aria-label={t('staleTitle')} data-testid="stale">
        <div className="banner" role="alert">
          <span>
            <strong>{t('staleTitle')}</strong> {t('staleBy', { name: by.by.name, when: moment(by.at) })}
          </span>
          <span className="acts">
            <Button onClick={takeTheirs}>{t('takeTheirs')}</Button>
            <Button variant="filled" loading={saving.isPending} onClick={keepMine}>
              {t('keepMine')}
            </Button>
          </span>
        </div>
        <p className="quiet">{t('staleHint')}</p>
        <TwoTexts before={theirs} after={mine} />
      </section>
    )
  return (
    <>
      {!stale && <FormFailure error={error} />}
      <div className="form-end">
        <span className="quiet" role="status">
          {t(changed ? 'unsaved' : 'saved')}
        </span>
        <Button variant="filled" disabled={!changed} loading={saving.isPending} onClick={save}>
          {t('save')}
        </Button>
      </div>
    </>
  )
}
