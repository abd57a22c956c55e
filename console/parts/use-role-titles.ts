import { useQuery } from '@tanstack/react-query'
import { rolesQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'

/** Gives a role's title in the reader's language; its id while the titles are not there, or where there is none. */
export function useRoleTitles(): (id: string) => string {
  const { either } = useWords()
  const roles = useQuery(rolesQuery)
  return (id) => {
    const role = roles.data?.items.find((one) => one.id === id)
    return role ? either(role.title) : id
  }
}
