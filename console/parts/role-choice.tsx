import { Checkbox } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { rolesQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'

interface RoleChoiceProps {
  /** Roles of programs begin with `client-`: people are not offered them; to programs they come first. */
  of: 'people' | 'programs'
  chosen: string[]
  choose: (roles: string[]) => void
  description?: ReactNode
}

export function RoleChoice({ of, chosen, choose, description }: RoleChoiceProps) {
  const { t, either } = useWords()
  const roles = useQuery(rolesQuery).data?.items ?? []
  const program = (id: string) => id.startsWith('client-')
  const offered =
    of === 'people'
      ? roles.filter((role) => !program(role.id))
      : roles.toSorted((a, b) => Number(program(b.id)) - Number(program(a.id)))
  return (
    <Checkbox.Group label={t('roles')} description={description} value={chosen} onChange={choose}>
      <div className="checks">
        {offered.map((role) => (
          <Checkbox key={role.id} value={role.id} label={either(role.title)} size="xs" />
        ))}
      </div>
    </Checkbox.Group>
  )
}
