// A search row must fit an index page of PostgreSQL (2704 bytes a row); both sides of a comparison are cut alike.
const longest = 300

export const clip = (text: string): string =>
  (text.length <= longest ? text : text.slice(0, longest)).replaceAll('\u0000', '')

/** Case and accents folded, spaces made one: how string searches compare (FHIR R4 3.1.1.4.8). */
export function foldText(text: string): string {
  const ascii = /^[\x20-\x7e]*$/.test(text)
  const plain = ascii ? text : text.normalize('NFKD').replace(/\p{M}+/gu, '')
  return clip(plain.toLowerCase().replace(/\s+/g, ' ').trim())
}
