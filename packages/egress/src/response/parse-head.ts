import { InvalidResponseError } from './errors.ts'

/** Of the status line and headers, and of all trailers. */
export const maxHeadBytes = 16_384
/** Each costs some 200 bytes for as long as the response lasts: in 16 KiB there is room for 4,000. */
export const maxHeaders = 256

export const notHttp = 'The response does not begin like one of HTTP/1.1.'
export const forbiddenCharacter =
  'The response headers hold a character that they must not, or a line that does not end in CR LF.'
export const tooLarge = (): InvalidResponseError =>
  new InvalidResponseError(`The response headers are larger than 16 KiB, or more than ${maxHeaders}.`)

export interface Head {
  readonly status: number
  readonly minorVersion: number
  readonly headers: Record<string, string>
}

/** The status line and the headers, without the empty line (RFC 9112, sections 4 and 5). */
export function parseHead(bytes: Buffer): Head {
  const text = bytes.toString('latin1')
  const [statusLine, version, code] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\r\n]*)?(?=\r\n|$)/.exec(text) ?? []
  if (statusLine === undefined) throw new InvalidResponseError(notHttp)
  return {
    status: Number(code),
    minorVersion: Number(version),
    headers: parseHeaders(text, bytes, statusLine.length),
  }
}

/** Each line with the line end before it, from a place in the text on. `bytes`: the same, in Latin-1. */
export function parseHeaders(lines: string, bytes: Buffer, from = 0): Record<string, string> {
  // A header may be called like what every object has.
  const headers = new Map<string, string>()
  if (forbidden.test(lines)) throw new InvalidResponseError(forbiddenCharacter)
  let count = 0
  for (let start = from + 2; start < lines.length; count++) {
    const next = lines.indexOf('\r\n', start)
    const end = next < 0 ? lines.length : next
    const colon = lines.indexOf(':', start)
    const name = lines.slice(start, colon).toLowerCase()
    if (colon < 0 || colon > end || !token.test(name))
      throw new InvalidResponseError('A line among the response headers is none.')
    const value = trimmed(bytes, colon + 1, end)
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
    start = end + 2
  }
  if (count > maxHeaders) throw tooLarge()
  return Object.fromEntries(headers)
}

/** Line ends but as a pair, and other control characters (RFC 9110, section 5.5). */
// eslint-disable-next-line no-control-regex
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09

/** Read anew, for V8 makes JSON of it in half of the time that it takes with what is cut out of a longer text. */
function trimmed(bytes: Buffer, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isBlank(bytes[start])) start++
  while (end > start && isBlank(bytes[end - 1])) end--
  return bytes.toString('latin1', start, end)
}

const listed = (value: string): string[] => value.split(',').map((each) => each.replace(blanksAround, ''))
/** Those at an end are looked for where blanks begin, and not anew from each of them: a receiver may send thousands. */
const blanksAround = /^[ \t]+|(?<![ \t])[ \t]+$/g

const oneLength = /^\d{1,15}$/

/** Said twice it is taken, if it says the same (RFC 9112, section 6.3). */
export function parseLength(value: string): number {
  if (oneLength.test(value)) return Number(value)
  const [first = '', ...others] = listed(value)
  if (!oneLength.test(first) || others.some((other) => other !== first))
    throw new InvalidResponseError('The Content-Length of the response is no length.')
  return Number(first)
}

/**
 * RFC 9112, sections 6.1 and 9.3. Some servers send a body, or the end of one, where there is none: then what comes next is not
 * the next response.
 */
export function keepsAlive(status: number, minorVersion: number, headers: Record<string, string>): boolean {
  const { connection, 'transfer-encoding': encoding, 'content-length': length } = headers
  if (encoding !== undefined && (minorVersion === 0 || status === 204 || status === 304)) return false
  if (status === 204 && length !== undefined && length !== '0') return false
  if (connection === undefined) return minorVersion === 1
  const options = listed(connection.toLowerCase())
  return !options.includes('close') && (minorVersion === 1 || options.includes('keep-alive'))
}

export function hintMs(keepAlive: string): number | undefined {
  const [, seconds] = /\btimeout=(\d{1,9})/i.exec(keepAlive) ?? []
  return seconds === undefined ? undefined : Number(seconds) * 1_000
}
