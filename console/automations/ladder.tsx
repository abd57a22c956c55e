import type { ReleaseLevel } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'

export const levels: readonly ReleaseLevel[] = ['off', 'shadow', 'recommend', 'assisted', 'bounded', 'autonomous']

/** The six rungs, with the one that counts marked. */
export function Ladder({ level }: { level: ReleaseLevel }) {
  const { code } = useWords()
  const place = levels.indexOf(level)
  return (
    <span className="ladder">
      {levels.map((one, index) => (
        <span key={one} className={index === place ? 'rung here' : index < place ? 'rung below' : 'rung'} aria-hidden />
      ))}
      <strong>{code('authority', level)}</strong>
    </span>
  )
}
