import { InvalidResponseError } from './errors.ts'

export interface ResponseHandler {
  /** Of the final response. Names are in lower case; values of the same name are joined by commas (RFC 9110, section 5.3). */
  onHead(status: number, headers: Record<string, string>): void
  /** A piece of the body. The bytes are overwritten afterwards. */
  onBody(bytes: Buffer): void
}

/** Of the status line and headers, of all trailers, and of the line before a chunk. */
const maxHeadBytes = 16_384
/** Each costs some 200 bytes for as long as the response lasts: in 16 KiB there is room for 4,000. */
const maxHeaders = 256
/** How many interim responses (1xx) may come before the final one: each costs something, and nobody needs them here. */
const maxInterim = 8
/** On the wire, everything counted. */
const maxResponseBytes = 1_048_576

type State =
  | 'head'
  | 'sized'
  | 'chunk size'
  | 'chunk'
  | 'chunk end'
  | 'trailers'
  | 'until close'
  | 'complete'
  | 'stopped'

/**
 * Reads the responses of one connection (HTTP/1.1, RFC 9112), one after the other, as they come in pieces of any size.
 *
 * Strangers write what this reads. Everything is bounded, and what the RFC does not allow is refused where one could take it for
 * more than one thing: line ends without a carriage return, two lengths, a length and chunks, spaces before a colon.
 */
export class ResponseParser {
  /** Whether the connection can be used for another request when this response is complete. */
  keepsAlive = false
  /** What `Keep-Alive: timeout=…` says, in milliseconds. */
  keepAliveHintMs: number | undefined
  #handler: ResponseHandler | undefined
  #state: State = 'stopped'
  /** What there is of a head, or of a line, whose end has not come yet. */
  #held: Buffer = nothing
  #remaining = 0
  #size = 0
  #interim = 0
  #trailers = 0
  #trailerBytes = 0

  /** Expects a response from now on. */
  begin(handler: ResponseHandler): void {
    this.#handler = handler
    this.#state = 'head'
    this.#held = nothing
    this.#size = this.#interim = 0
    this.keepsAlive = false
    this.keepAliveHintMs = undefined
  }

  /** Tells the handler nothing more; `read` returns. */
  stop(): void {
    this.#handler = undefined
    this.#state = 'stopped'
  }

  /** Whether anything of the response has come. */
  get hasBegun(): boolean {
    return this.#size > 0
  }

  /**
   * Takes what was read. Returns where the response ended in it, or where it was stopped; -1 when more is to come. Throws
   * InvalidResponseError.
   */
  read(bytes: Buffer): number {
    this.#size += bytes.length
    let at = 0
    while (at < bytes.length && this.#state !== 'stopped') {
      at = this.#step(bytes, at)
      if (this.#isComplete()) return at
    }
    if (this.#state === 'stopped') return at
    if (this.#size > maxResponseBytes)
      throw new InvalidResponseError('The response is larger than 1 MiB without having come to its end.')
    return -1
  }

  /** Nothing more comes. Returns whether that is the end of the response: of one without a length it is. */
  end(): boolean {
    return this.#state === 'until close'
  }

  #isComplete(): boolean {
    return this.#state === 'complete'
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes, at)
      case 'sized':
      case 'chunk':
        return this.#readSized(bytes, at)
      case 'chunk size':
      case 'chunk end':
      case 'trailers':
        return this.#readLine(bytes, at)
      case 'until close':
        this.#handler?.onBody(bytes.subarray(at))
        return bytes.length
      case 'complete':
      case 'stopped':
        return bytes.length
    }
  }

  #readHead(bytes: Buffer, at: number): number {
    const end = this.#held === nothing ? bytes.indexOf(headEnd, at) : -1
    if (end >= 0) {
      if (end - at > maxHeadBytes) throw tooLarge()
      this.#takeHead(bytes.toString('latin1', at, end))
      return end + headEnd.length
    }
    return this.#holdHead(bytes, at)
  }

  /** A head that comes in pieces. */
  #holdHead(bytes: Buffer, at: number): number {
    const before = this.#held.length
    const held = Buffer.concat([this.#held, bytes.subarray(at, at + maxHeadBytes + headEnd.length - before)])
    const end = held.indexOf(headEnd, Math.max(0, before - headEnd.length + 1))
    if (end >= 0) {
      this.#held = nothing
      this.#takeHead(held.toString('latin1', 0, end))
      return at + end + headEnd.length - before
    }
    if (!looksLikeHttp(held)) throw new InvalidResponseError(notHttp)
    if (held.length >= maxHeadBytes + headEnd.length || countLines(held) > maxHeaders + 1) throw tooLarge()
    this.#held = held
    return bytes.length
  }

  #takeHead(text: string): void {
    const { status, minorVersion, headers } = parseHead(text)
    if (status === 101) throw new InvalidResponseError('The receiver wants to switch to another protocol.')
    if (status < 200) {
      if (++this.#interim > maxInterim)
        throw new InvalidResponseError(`More than ${maxInterim} interim responses (1xx).`)
      return
    }
    this.#state = this.#bodyOf(status, headers)
    const { connection } = headers
    const isChunkedOld = minorVersion === 0 && this.#state === 'chunk size'
    this.keepsAlive =
      this.#state !== 'until close' &&
      !isChunkedOld &&
      (minorVersion === 0 ? /\bkeep-alive\b/i.test(connection ?? '') : !/\bclose\b/i.test(connection ?? ''))
    const keepAlive = headers['keep-alive']
    if (keepAlive !== undefined) this.keepAliveHintMs = hintMs(keepAlive)
    this.#handler?.onHead(status, headers)
  }

  /** RFC 9112, section 6.3. */
  #bodyOf(status: number, headers: Record<string, string>): State {
    if (status === 204 || status === 304) return 'complete'
    const { 'transfer-encoding': encoding, 'content-length': length } = headers
    if (encoding !== undefined) {
      if (length !== undefined) throw new InvalidResponseError('The response has Content-Length and Transfer-Encoding.')
      return /(?:^|,)[ \t]*chunked$/i.test(encoding) ? 'chunk size' : 'until close'
    }
    if (length === undefined) return 'until close'
    this.#remaining = parseLength(length)
    return this.#remaining === 0 ? 'complete' : 'sized'
  }

  #readSized(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#remaining)
    this.#remaining -= end - at
    if (this.#remaining === 0) this.#state = this.#state === 'sized' ? 'complete' : 'chunk end'
    this.#handler?.onBody(bytes.subarray(at, end))
    return end
  }

  #readLine(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(lineFeed, at)
    const piece = bytes.subarray(at, end < 0 ? bytes.length : end)
    if (this.#held.length + piece.length > maxHeadBytes) throw tooLarge()
    const line = this.#held.length > 0 ? Buffer.concat([this.#held, piece]) : piece
    if (end < 0) {
      this.#held = Buffer.from(line)
      return bytes.length
    }
    this.#held = nothing
    if (line.at(-1) !== carriageReturn) throw new InvalidResponseError(badChunks)
    this.#takeLine(line.toString('latin1', 0, line.length - 1))
    return end + 1
  }

  #takeLine(line: string): void {
    if (this.#state === 'chunk size') {
      const [, digits] = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line) ?? []
      if (digits === undefined) throw new InvalidResponseError(badChunks)
      this.#remaining = Number.parseInt(digits, 16)
      this.#state = this.#remaining === 0 ? 'trailers' : 'chunk'
      this.#trailers = this.#trailerBytes = 0
    } else if (this.#state === 'chunk end') {
      if (line !== '') throw new InvalidResponseError(badChunks)
      this.#state = 'chunk size'
    } else {
      this.#trailerBytes += line.length
      if (line === '') this.#state = 'complete'
      else if (++this.#trailers > maxHeaders || this.#trailerBytes > maxHeadBytes) throw tooLarge()
    }
  }
}

const nothing = Buffer.alloc(0)
const headEnd = Buffer.from('\r\n\r\n')
const lineFeed = 0x0a
const carriageReturn = 0x0d

const notHttp = 'The response does not begin like one of HTTP/1.1.'
const badChunks = 'The response is not divided into chunks as it says.'
const tooLarge = (): InvalidResponseError =>
  new InvalidResponseError(`The response headers are larger than 16 KiB, or more than ${maxHeaders}.`)

/** As far as it has come. */
function looksLikeHttp(head: Buffer): boolean {
  const text = head.toString('latin1', 0, 'HTTP/1.1 '.length)
  return 'HTTP/1.1 '.startsWith(text) || 'HTTP/1.0 '.startsWith(text)
}

function countLines(bytes: Buffer): number {
  let lines = 0
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) lines++
  return lines
}

interface Head {
  readonly status: number
  readonly minorVersion: number
  readonly headers: Record<string, string>
}

/** The status line and the headers, without the empty line (RFC 9112, sections 4 and 5). */
function parseHead(text: string): Head {
  const [statusLine, version, code] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\r\n]*)?(?=\r\n|$)/.exec(text) ?? []
  if (statusLine === undefined) throw new InvalidResponseError(notHttp)
  const lines = text.slice(statusLine.length)
  return { status: Number(code), minorVersion: Number(version), headers: parseHeaders(unfold(lines)) }
}

/** A value that goes on in the next line, which begins with a space, is one value (RFC 9112, section 5.2). */
const unfold = (lines: string): string =>
  lines.includes('\r\n ') || lines.includes('\r\n\t') ? lines.replace(/(?<=[^\r\n])[ \t]*\r\n[ \t]+/g, ' ') : lines

function parseHeaders(lines: string): Record<string, string> {
  // So that a header may be called like what every object has.
  const headers: Record<string, string> = { __proto__: null } as never
  if (forbidden.test(lines)) throw new InvalidResponseError('A response header holds a character that it must not.')
  let count = 0
  for (let start = 2; start < lines.length; count++) {
    const next = lines.indexOf('\r\n', start)
    const end = next < 0 ? lines.length : next
    const colon = lines.indexOf(':', start)
    const name = lines.slice(start, colon).toLowerCase()
    if (colon < 0 || colon > end || !token.test(name))
      throw new InvalidResponseError('A line among the response headers is none.')
    const value = trim(lines, colon + 1, end)
    const before = headers[name]
    headers[name] = before === undefined ? value : `${before}, ${value}`
    start = end + 2
  }
  if (count > maxHeaders) throw tooLarge()
  return headers
}

/** Line ends but as a pair, and other control characters (RFC 9110, section 5.5). */
// eslint-disable-next-line no-control-regex
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09

function trim(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

/** Said twice it is taken, if it says the same (RFC 9112, section 6.3). */
function parseLength(value: string): number {
  const [first = '', ...others] = value.split(',').map((one) => one.trim())
  if (!/^\d{1,15}$/.test(first) || others.some((other) => other !== first))
    throw new InvalidResponseError('The Content-Length of the response is no length.')
  return Number(first)
}

function hintMs(keepAlive: string): number | undefined {
  const [, seconds] = /\btimeout=(\d{1,9})/i.exec(keepAlive) ?? []
  return seconds === undefined ? undefined : Number(seconds) * 1_000
}
