import { readDate } from './date-range.ts'

const zoned = /T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))$/
const isText = (value: unknown, shape: RegExp): boolean =>
  typeof value === 'string' && value !== '' && shape.test(value)
const isDate = (value: unknown): boolean =>
  isText(value, /^\d{4}(-\d{2}(-\d{2})?)?$/) && readDate(String(value)) !== undefined
const isInstant = (value: unknown): boolean => isText(value, zoned) && readDate(String(value)) !== undefined
const isInteger = (value: unknown, least: number): boolean =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= 2_147_483_647

// Line breaks, tabs and anything that is not another control character (FHIR R4 2.24.0.1).
const written = /^[\t\n\r\u0020-\uffff]*$/
const address = /^\S+$/

/** Whether a JSON value is a well-formed primitive of the named type; undefined when there is no such primitive. */
export const primitives: Readonly<Record<string, ((value: unknown) => boolean) | undefined>> = {
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => isInteger(value, -2_147_483_648),
  positiveInt: (value) => isInteger(value, 1),
  unsignedInt: (value) => isInteger(value, 0),
  decimal: (value) => typeof value === 'number' && Number.isFinite(value),
  string: (value) => isText(value, written) && String(value).trim() !== '',
  markdown: (value) => isText(value, written) && String(value).trim() !== '',
  xhtml: (value) => isText(value, /^\s*<div[\s>]/),
  code: (value) => isText(value, /^[^\s]+(\s[^\s]+)*$/),
  id: (value) => isText(value, /^[A-Za-z0-9\-.]{1,64}$/),
  uri: (value) => isText(value, address),
  url: (value) => isText(value, address),
  canonical: (value) => isText(value, address),
  oid: (value) => isText(value, /^urn:oid:[0-2](\.(0|[1-9]\d*))+$/),
  uuid: (value) => isText(value, /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i),
  base64Binary: (value) => isText(value, /^[0-9A-Za-z+/=\s]+$/) && String(value).replace(/\s+/g, '').length % 4 === 0,
  date: isDate,
  dateTime: (value) => isDate(value) || isInstant(value),
  instant: isInstant,
  time: (value) => isText(value, /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?$/),
}
