import type { Resource } from '@medplum/fhirtypes'
import { useWords } from '../i18n.ts'
import { ReferenceLink } from './reference-link.tsx'
import {
  sayAddress,
  sayCoding,
  sayConcept,
  sayContact,
  sayDate,
  sayIdentifier,
  sayName,
  sayPeriod,
  sayQuantity,
} from './say.ts'
import { plainName, shapeOf } from './shapes.ts'

// Told in the heading or of no use to a reader; the JSON has all of it.
const left: readonly string[] = ['resourceType', 'id', 'meta', 'text', 'implicitRules']

/** A resource for reading: every element that it has, by the kind of its value. */
export function Readable({ resource }: { resource: Resource }) {
  const elements = Object.entries(resource)
    .filter(([name]) => !left.includes(name) && !name.startsWith('_'))
    .toSorted(([a], [b]) => Number(isExtension(a)) - Number(isExtension(b)))
  return <Elements elements={elements} deep={0} />
}

const isExtension = (name: string) => name === 'extension' || name === 'modifierExtension'
// Codes that have words of their own here.
const worded: readonly string[] = ['gender', 'priority']

function Elements({ elements, deep }: { elements: readonly [string, unknown][]; deep: number }) {
  const { t, code } = useWords()
  return (
    <dl className={deep === 0 ? 'elements' : 'elements inner'}>
      {elements.map(([name, value]) => (
        <div key={name}>
          <dt>{t(`element_${name.replace(/\[x]$/, '')}`, { defaultValue: plainName(name) })}</dt>
          <dd>
            {isExtension(name) ? (
              <Extensions values={Array.isArray(value) ? value : []} deep={deep} />
            ) : worded.includes(name) && typeof value === 'string' ? (
              code(name, value)
            ) : Array.isArray(value) && value.length > 1 ? (
              <ul>
                {value.map((one: unknown, index) => (
                  <li key={index}>
                    <Value value={one} deep={deep} />
                  </li>
                ))}
              </ul>
            ) : (
              <Value value={Array.isArray(value) ? value[0] : value} deep={deep} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** Extensions by the last part of their address, with what they hold beside it. */
function Extensions({ values, deep }: { values: readonly unknown[]; deep: number }) {
  const pairs = values.flatMap((one): [string, unknown][] => {
    if (typeof one !== 'object' || one === null || !('url' in one)) return []
    const { url, extension, ...rest } = one as { url: string; extension?: unknown[] } & Record<string, unknown>
    const [value] = Object.values(rest)
    return [[url.split(/[/:#]/).at(-1) ?? url, extension === undefined ? value : { extension }]]
  })
  return (
    <ul className={deep > 0 ? 'elements inner' : ''}>
      {pairs.map(([name, value], index) => (
        <li key={index}>
          <span className="quiet">{plainName(name)}:</span>{' '}
          {isNested(value) ? (
            <Extensions values={value.extension} deep={deep + 1} />
          ) : (
            <Value value={value} deep={deep} />
          )}
        </li>
      ))}
    </ul>
  )
}

const isNested = (value: unknown): value is { extension: unknown[] } =>
  typeof value === 'object' &&
  value !== null &&
  'extension' in value &&
  Array.isArray(value.extension) &&
  Object.keys(value).length === 1

function Value({ value, deep }: { value: unknown; deep: number }) {
  const words = useWords()
  const shape = shapeOf(value)
  switch (shape.kind) {
    case 'text':
      return typeof shape.value === 'boolean' ? words.t(shape.value ? 'yes' : 'no') : String(shape.value)
    case 'date':
      return <time dateTime={shape.value}>{sayDate(words, shape.value)}</time>
    case 'reference':
      return <ReferenceLink to={shape.value} />
    case 'concept':
      return (
        <>
          {sayConcept(shape.value)} <Codes codings={shape.value.coding ?? []} said={sayConcept(shape.value)} />
        </>
      )
    case 'coding':
      return (
        <>
          {sayCoding(shape.value)} <Codes codings={[shape.value]} said={sayCoding(shape.value)} />
        </>
      )
    case 'name':
      return sayName(shape.value)
    case 'contact':
      return sayContact(shape.value)
    case 'identifier':
      return (
        <>
          {sayIdentifier(shape.value)} <code className="quiet">{shape.value.system}</code>
        </>
      )
    case 'quantity':
      return sayQuantity(shape.value)
    case 'period':
      return sayPeriod(words, shape.value)
    case 'address':
      return sayAddress(shape.value)
    case 'note':
      return (
        <>
          <span className="lines-kept">{shape.value.text}</span>{' '}
          <span className="quiet">
            {[shape.value.authorReference?.display ?? shape.value.authorString, sayDate(words, shape.value.time)]
              .filter(Boolean)
              .join(', ')}
          </span>
        </>
      )
    case 'attachment':
      return (
        <>
          {shape.value.title} <span className="quiet">{shape.value.contentType}</span>
        </>
      )
    case 'parts':
      return <Elements elements={Object.entries(shape.value)} deep={deep + 1} />
  }
}

/** The codes behind a word, with the system that each belongs to. */
function Codes({ codings, said }: { codings: readonly { system?: string; code?: string }[]; said: string }) {
  return (
    <>
      {codings
        .filter(({ code }) => code !== undefined && code !== said)
        .map(({ system, code }, index) => (
          <code key={index} className="quiet behind" title={system}>
            {code}
          </code>
        ))}
    </>
  )
}
