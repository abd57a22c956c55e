import { useQuery } from '@tanstack/react-query'
import { serviceChoicesQuery } from '../api/service-queries.ts'
import { useWords } from '../i18n.ts'

/** The names of states and provinces, by their code. */
export function usePlaces(): (id: string) => string {
  const { either } = useWords()
  const choices = useQuery(serviceChoicesQuery)
  return (id) => {
    const one = choices.data?.jurisdictions.find((place) => place.id === id)
    return one ? either(one.title) : id
  }
}
