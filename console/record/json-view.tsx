import { Link } from '@tanstack/react-router'
import { CopyButton } from '../parts/copy-button.tsx'
import { targetOf } from './reference-link.tsx'

const referring = /^(\s*"reference": )"([^"]+)"(,?)$/

/** A resource as it is stored, each line numbered; its references lead to what they point at. */
export function JsonView({ value }: { value: unknown }) {
  const text = JSON.stringify(value, undefined, 2)
  return (
    <section aria-label="JSON" className="json">
      <CopyButton text={text} />
      <pre className="source" tabIndex={0} aria-label="JSON">
        {text.split('\n').map((line, index) => {
          const [, before, reference, comma] = referring.exec(line) ?? []
          const target = targetOf(reference)
          return (
            <span key={index}>
              {target ? (
                <>
                  {before}
                  <Link to="/record/$type/$id" params={target}>
                    "{reference}"
                  </Link>
                  {comma}
                </>
              ) : (
                line
              )}
            </span>
          )
        })}
      </pre>
    </section>
  )
}
