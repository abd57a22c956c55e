import { Modal } from '@mantine/core'
import { useWords } from '../i18n.ts'
import { useAccount } from '../parts/session-context.ts'
import { housePages, type Page, pages } from './pages.ts'

const ofWork = [
  ['j ↓', 'keyNext'],
  ['k ↑', 'keyPrevious'],
  ['Enter', 'keyEnter'],
  ['c', 'claim'],
  ['s', 'start'],
  ['e', 'complete'],
  ['r', 'release'],
  ['d', 'decline'],
  ['a', 'reassign'],
  ['z', 'snooze'],
  ['m', 'comment'],
  ['h', 'hand-off'],
  ['v', 'ask-sign-off'],
  ['y', 'reply'],
  ['b', 'beginSession'],
  ['n', 'skipTask'],
  ['i', 'acknowledge'],
  ['o', 'off-system'],
  ['/', 'keyFilter'],
] as const

export function KeysDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useWords()
  const { may } = useAccount()
  return (
    <Modal opened={opened} onClose={onClose} title={t('keys')} closeButtonProps={{ 'aria-label': t('close') }}>
      <h3>{t('work')}</h3>
      <dl className="keys">
        {ofWork.map(([key, word]) => (
          <div key={word}>
            <dt>
              {key.split(' ').map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{t(word)}</dd>
          </div>
        ))}
      </dl>
      <h3>{t('keyGo')}</h3>
      <dl className="keys">
        {[...pages, ...housePages]
          .filter(({ permission }: Page) => permission === null || may(permission))
          .map((page) => (
            <div key={page.key}>
              <dt>
                <kbd>g</kbd> <kbd>{page.key}</kbd>
              </dt>
              <dd>{t(page.word)}</dd>
            </div>
          ))}
        <div>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>{t('keys')}</dd>
        </div>
      </dl>
    </Modal>
  )
}
