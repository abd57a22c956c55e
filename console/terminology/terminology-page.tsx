import { useWords } from '../i18n.ts'
import { ConceptSearch } from './concept-search.tsx'
import { Loads } from './loads.tsx'
import { Systems } from './systems.tsx'

/** The code systems that are here, how to load those that nobody may ship, and a search through them. */
export function TerminologyPage() {
  const { t } = useWords()
  return (
    <div className="page">
      <h1>{t('terminology')}</h1>
      <ConceptSearch />
      <Loads />
      <Systems />
    </div>
  )
}
