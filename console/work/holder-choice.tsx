import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useId, useRef, useState } from 'react'
import type { AblePeople } from '../../src/contracts/index.ts'
import { rolesQuery } from '../api/queries.ts'
import { ableQuery } from '../api/queue-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'

export type Holder = { owner: { reference: string; name: string } } | { role: string }

const keyOf = (holder: Holder | undefined) =>
  holder === undefined ? '' : 'owner' in holder ? holder.owner.reference : `role ${holder.role}`

/** Who is to have tasks: people who may do them, and beside everybody else why they may not; with `roles` a role's queue too. */
export function HolderChoice({
  ids,
  value,
  change,
  roles: withRoles = false,
  without,
}: {
  /** Of the tasks; of more than a hundred the first hundred are asked about. */
  ids: readonly string[]
  value: Holder | undefined
  change: (holder: Holder) => void
  roles?: boolean
  /** `Practitioner/…` who is not offered: who has it now. */
  without?: string | undefined
}) {
  const { t, either } = useWords()
  const account = useAccount()
  const group = useId()
  const able = useQuery(ableQuery(ids))
  const roles = useQuery({ ...rolesQuery, enabled: withRoles })
  const [text, setText] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const there = able.data !== undefined
  // It comes after the dialog, whose own choice of a focus is past then.
  useEffect(() => {
    if (there) field.current?.focus()
  }, [there])
  if (able.isPending) return <Waiting lines={4} />
  if (!able.data) return <Failure error={able.error} retry={able.refetch} />
  const { of, items } = able.data
  const wanted = text.trim().toLocaleLowerCase()
  const people = items.filter(
    (one) => one.reference !== without && (wanted === '' || one.name.toLocaleLowerCase().includes(wanted)),
  )
  const may = people.filter((one) => one.may > 0)
  const not = people.filter((one) => one.may === 0)
  const chosen = keyOf(value)
  return (
    <fieldset className="holders">
      <legend>{t('reassignTo')}</legend>
      <TextInput
        size="xs"
        aria-label={t('findPerson')}
        placeholder={t('findPerson')}
        ref={field}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className="holder-list">
        {may.map((one) => (
          <label key={one.reference} className="holder" data-testid="holder">
            <input
              type="radio"
              name={group}
              checked={chosen === one.reference}
              onChange={() => change({ owner: { reference: one.reference, name: one.name } })}
            />
            <span>
              <strong>{one.name}</strong>
              {one.reference === account.practitioner && <span className="quiet"> ({t('you')})</span>}{' '}
              <Standing one={one} of={of} />
            </span>
          </label>
        ))}
        {withRoles &&
          wanted === '' &&
          (roles.data?.items ?? [])
            .filter((one) => one.id !== 'administrator')
            .map((one) => (
              <label key={one.id} className="holder">
                <input
                  type="radio"
                  name={group}
                  checked={chosen === `role ${one.id}`}
                  onChange={() => change({ role: one.id })}
                />
                <span>{t('roleQueue', { role: either(one.title) })}</span>
              </label>
            ))}
        {may.length === 0 && <p className="quiet">{t('nobodyMayTake')}</p>}
      </div>
      {not.length > 0 && (
        <details>
          <summary>{t('mayNotCount', { count: not.length })}</summary>
          <ul className="comments">
            {not.map((one) => (
              <li key={one.reference}>
                <strong>{one.name}</strong> <span className="quiet">{one.reasons.join('; ')}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </fieldset>
  )
}

function Standing({ one, of }: { one: AblePeople['items'][number]; of: number }) {
  const { t, moment, span } = useWords()
  const words = [
    one.atWork ? t('atWork') : one.next === null ? t('notAtWork') : t('nextShift', { time: moment(one.next) }),
    ...(one.held > 0 ? [t('holdsWork', { span: span(one.held) })] : []),
    ...(one.supervised ? [t('underSupervision')] : []),
    ...(one.inRole ? [] : [t('otherRole')]),
  ]
  return (
    <>
      <span className="quiet">{words.join(' · ')}</span>
      {one.may < of && (
        <>
          {' '}
          <span className="tag bad">{t('maySome', { may: one.may, of })}</span>{' '}
          <span className="quiet">{one.reasons.join('; ')}</span>
        </>
      )}
    </>
  )
}
