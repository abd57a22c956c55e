import { Modal } from '@mantine/core'
import { useWords } from '../i18n.ts'
import { useAccount } from '../parts/session-context.ts'
import { housePages, type Page, pages, workPages } from './pages.ts'

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
  ['l', 'delegate'],
  ['p', 'split'],
  ['u', 'merge'],
  ['q', 'wait-for'],
  ['w', 'watch'],
  ['t', 'give-up'],
  ['i', 'acknowledge'],
  ['o', 'off-system'],
  ['/', 'keyFilter'],
] as const

const ofLists = [
  ['1 … 9', 'keySaved'],
  ['f', 'filterWork'],
  ['0', 'clearFilter'],
  ['x', 'keySelect'],
  ['⇧↓ ⇧↑', 'keyExtend'],
  ['a', 'keySelectAll'],
  ['Esc', 'selectNone'],
] as const
const ofSelected = [
  ['c', 'claim'],
  ['t', 'reassign'],
  ['z', 'snooze'],
  ['e', 'complete'],
  ['h', 'hand-off'],
  ['r', 'release'],
  ['u', 'undo'],
] as const

function Keys({ title, keys }: { title: string; keys: readonly (readonly [string, string])[] }) {
  const { t } = useWords()
  return (
    <>
      <h3>{title}</h3>
      <dl className="keys">
        {keys.map(([key, word]) => (
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
    </>
  )
}

export function KeysDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useWords()
  const { may } = useAccount()
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={t('keys')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Keys title={t('keysTask')} keys={ofWork} />
      <Keys title={t('keysLists')} keys={ofLists} />
      <Keys title={t('actsOnSelected')} keys={ofSelected} />
      <h3>{t('keyGo')}</h3>
      <dl className="keys">
        {[...pages, ...workPages, ...housePages]
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
