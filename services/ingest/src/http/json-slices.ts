/**
 * Finds where values stand in the source text of JSON, so that a payload can be handed on byte for byte: parsing and
 * writing again would change spacing, escapes and large numbers. The text must be valid (JSON.parse took it), so it is
 * enough to skip strings and to balance brackets. Works on UTF-8 bytes: all that JSON's structure is made of is ASCII.
 */

/** From (inclusive) and to (exclusive) which byte. */
export interface Slice {
  readonly start: number
  readonly end: number
}

/** The value of a member of the object at `start`. Undefined: no such member, or no object. The last of several counts. */
export function memberSlice(json: Uint8Array, start: number, name: string): Slice | undefined {
  let at = skipSpace(json, start)
  if (json[at] !== openBrace) return undefined
  let found: Slice | undefined
  at = skipSpace(json, at + 1)
  while (json[at] === quote) {
    const keyEnd = skipString(json, at)
    const isWanted = keyAt(json, at, keyEnd) === name
    const valueStart = skipSpace(json, skipSpace(json, keyEnd) + colonLength)
    const valueEnd = skipValue(json, valueStart)
    if (isWanted) found = { start: valueStart, end: valueEnd }
    at = skipSeparator(json, valueEnd)
  }
  return found
}

/** The elements of the array at `start`; none when it is no array. */
export function elementSlices(json: Uint8Array, start: number): Slice[] {
  let at = skipSpace(json, start)
  if (json[at] !== openBracket) return []
  const slices: Slice[] = []
  at = skipSpace(json, at + 1)
  while (at < json.length && json[at] !== closeBracket) {
    const end = skipValue(json, at)
    slices.push({ start: at, end })
    at = skipSeparator(json, end)
  }
  return slices
}

const quote = 0x22
const comma = 0x2c
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const colonLength = 1

/** Written plainly or with escapes: `"pay\u006coad"` is the same key as `"payload"`. */
const keyAt = (json: Uint8Array, start: number, end: number): unknown =>
  JSON.parse(Buffer.from(json.buffer, json.byteOffset + start, end - start).toString('utf8'))

function skipSpace(json: Uint8Array, at: number): number {
  while (isSpace(json[at])) at++
  return at
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/** Past a comma, to the next key or element; or to the closing bracket. */
function skipSeparator(json: Uint8Array, at: number): number {
  at = skipSpace(json, at)
  return json[at] === comma ? skipSpace(json, at + 1) : at
}

/** Past the string that begins at `at`. */
function skipString(json: Uint8Array, at: number): number {
  for (at++; at < json.length; at++) {
    if (json[at] === backslash) at++
    else if (json[at] === quote) return at + 1
  }
  return at
}

/** Past the value that begins at `at`. */
function skipValue(json: Uint8Array, at: number): number {
  const byte = json[at]
  if (byte === quote) return skipString(json, at)
  return byte === openBrace || byte === openBracket ? skipNested(json, at) : skipScalar(json, at)
}

function skipNested(json: Uint8Array, at: number): number {
  let depth = 0
  while (at < json.length) {
    const byte = json[at]
    if (byte === quote) {
      at = skipString(json, at)
      continue
    }
    if (byte === openBrace || byte === openBracket) depth++
    if (byte === closeBrace || byte === closeBracket) depth--
    at++
    if (depth === 0) break
  }
  return at
}

/** A number, `true`, `false` or `null` ends where space, a separator or a bracket begins. */
function skipScalar(json: Uint8Array, at: number): number {
  while (at < json.length) {
    const byte = json[at]
    if (byte === comma || byte === closeBrace || byte === closeBracket || isSpace(byte)) return at
    at++
  }
  return at
}
