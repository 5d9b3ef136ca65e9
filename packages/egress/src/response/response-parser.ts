import { InvalidResponseError } from './errors.ts'
import {
  forbiddenCharacter,
  hintMs,
  keepsAlive,
  maxHeadBytes,
  maxHeaders,
  notHttp,
  parseHead,
  parseHeaders,
  parseLength,
  tooLarge,
} from './parse-head.ts'

export interface ResponseHandler {
  /** Of the final response. Names are in lower case; values of the same name are joined by commas (RFC 9110, section 5.3). */
  onHead(status: number, headers: Record<string, string>): void
  /** A piece of the body. The bytes are overwritten afterwards. */
  onBody(bytes: Buffer): void
}

/** Of the line before a chunk: its size, and extensions that nobody reads. */
const maxChunkLineBytes = 1_024
/** How many interim responses (1xx) may come before the final one: each costs something, and nobody needs them here. */
const maxInterim = 8
/** Line ends before a response: some servers write one too many behind the body before. */
const maxBlankBytes = 64
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
 * Strangers write what this reads. Everything is bounded, and what takes long to come is looked at once and not again with every
 * piece. What one could take for more than one thing is refused: another protocol, line ends without a carriage return, control
 * characters and what comes where a chunk must end or begin at once, as its sender may be waiting; two lengths, a length and
 * chunks, blanks before a colon and values that go on in the next line when the head is complete.
 */
export class ResponseParser {
  /** Whether the connection can be used for another request when this response is complete. */
  keepsAlive = false
  /** What `Keep-Alive: timeout=…` says, in milliseconds. */
  keepAliveHintMs: number | undefined
  #handler: ResponseHandler | undefined
  #state: State = 'stopped'
  #isHeadOnly = false
  /** What there is of a head, or of a line, whose end has not come yet: so many bytes of it. */
  #held: Buffer = nothing
  #heldBytes = 0
  #heldLines = 0
  #remaining = 0
  #size = 0
  #blankBytes = 0
  #interim = 0
  #trailers = 0
  #trailerBytes = 0

  /** Expects a response from now on. `isHeadOnly`: one to CONNECT, which ends with its head, whatever that says of a body. */
  begin(handler: ResponseHandler, isHeadOnly = false): void {
    this.#handler = handler
    this.#isHeadOnly = isHeadOnly
    this.#state = 'head'
    this.#release()
    this.#size = this.#blankBytes = this.#interim = 0
    this.keepsAlive = false
    this.keepAliveHintMs = undefined
  }

  /** Tells the handler nothing more; `read` returns. */
  stop(): void {
    this.#handler = undefined
    this.#state = 'stopped'
    this.#release()
  }

  /** Whether anything of the response has come. */
  get hasBegun(): boolean {
    return this.#size > this.#blankBytes
  }

  /**
   * Takes what was read. Returns where the response ended in it; -1 when more is to come, or it was stopped. Throws
   * InvalidResponseError.
   */
  read(bytes: Buffer): number {
    this.#size += bytes.length
    let at = 0
    while (at < bytes.length && this.#state !== 'stopped') {
      at = this.#step(bytes, at)
      if (this.#isComplete()) return at
    }
    if (this.#size > maxResponseBytes)
      throw new InvalidResponseError('The response is larger than 1 MiB without having come to its end.')
    return -1
  }

  /** Whether the end of the connection is that of the response, as it is of one without a length. */
  get endsWithConnection(): boolean {
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

  #readHead(bytes: Buffer, from: number): number {
    if (this.#heldBytes > 0) return this.#holdHead(bytes, from)
    let at = from
    for (; bytes[at] === carriageReturn || bytes[at] === lineFeed; at++)
      if (++this.#blankBytes > maxBlankBytes) throw new InvalidResponseError(notHttp)
    const end = bytes.indexOf(headEnd, at)
    if (end < 0) return this.#holdHead(bytes, at)
    if (end - at > maxHeadBytes) throw tooLarge()
    this.#takeHead(bytes.subarray(at, end))
    return end + headEnd.length
  }

  /** A head that comes in pieces: each byte is looked at once. */
  #holdHead(bytes: Buffer, from: number): number {
    const until = Math.min(bytes.length, from + maxHeadBytes + headEnd.length - this.#heldBytes)
    for (let at = from; at < until; at++) {
      const byte = bytes[at]!
      const isEnd = this.#holdHeadByte(byte)
      if (!isEnd) continue
      const head = this.#held.subarray(0, this.#heldBytes - headEnd.length)
      this.#release()
      this.#takeHead(head)
      return at + 1
    }
    if (until < bytes.length) throw tooLarge()
    return bytes.length
  }

  /** Returns whether the head ends with it. */
  #holdHeadByte(byte: number): boolean {
    if (!fitsPrefix(byte, this.#heldBytes)) throw new InvalidResponseError(notHttp)
    const last = this.#heldBytes > 0 ? this.#held[this.#heldBytes - 1] : 0
    if ((byte === lineFeed) !== (last === carriageReturn) || isControl(byte))
      throw new InvalidResponseError(forbiddenCharacter)
    this.#hold(byte)
    if (byte !== lineFeed) return false
    // Status line, headers, empty line.
    if (++this.#heldLines > maxHeaders + 2) throw tooLarge()
    const end = this.#heldBytes
    return end >= headEnd.length && this.#held[end - 3] === lineFeed
  }

  #hold(byte: number): void {
    if (this.#heldBytes === this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(256, 2 * this.#held.length))
      larger.set(this.#held)
      this.#held = larger
    }
    this.#held[this.#heldBytes++] = byte
  }

  #release(): void {
    this.#held = nothing
    this.#heldBytes = this.#heldLines = 0
  }

  #takeHead(bytes: Buffer): void {
    const { status, minorVersion, headers } = parseHead(bytes)
    if (status === 101) throw new InvalidResponseError('The receiver wants to switch to another protocol.')
    if (status < 200) {
      if (++this.#interim > maxInterim)
        throw new InvalidResponseError(`More than ${maxInterim} interim responses (1xx).`)
      return
    }
    if (this.#isHeadOnly) this.#state = 'complete'
    else {
      this.#state = this.#bodyOf(status, headers)
      this.keepsAlive = this.#state !== 'until close' && keepsAlive(status, minorVersion, headers)
      const { 'keep-alive': hint } = headers
      if (hint !== undefined) this.keepAliveHintMs = hintMs(hint)
    }
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

  /** Lines around chunks, which are short, and trailers, which nobody sends: byte by byte. */
  #readLine(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (byte === lineFeed) {
        const isLine = this.#heldBytes > 0 && this.#held[this.#heldBytes - 1] === carriageReturn
        if (!isLine) throw new InvalidResponseError(badChunks)
        const line = this.#held.toString('latin1', 0, this.#heldBytes - 1)
        this.#heldBytes = 0
        this.#takeLine(line)
        return at + 1
      }
      this.#hold(byte)
      this.#refuseEarly(byte)
    }
    return bytes.length
  }

  /** What can be seen before the line has come to its end: the receiver may be waiting for us. */
  #refuseEarly(byte: number): void {
    const isFirst = this.#heldBytes === 1
    if (this.#state === 'trailers') {
      if (this.#trailerBytes + this.#heldBytes > maxHeadBytes) throw tooLarge()
    } else if (this.#state === 'chunk end') {
      if (!isFirst || byte !== carriageReturn) throw new InvalidResponseError(badChunks)
    } else if ((isFirst && !isHexDigit(byte)) || this.#heldBytes > maxChunkLineBytes)
      throw new InvalidResponseError(badChunks)
  }

  #takeLine(line: string): void {
    if (this.#state === 'chunk size') {
      const [, digits] = /^0*([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line) ?? []
      if (digits === undefined) throw new InvalidResponseError(badChunks)
      this.#remaining = Number.parseInt(digits, 16)
      this.#state = this.#remaining === 0 ? 'trailers' : 'chunk'
      this.#trailers = this.#trailerBytes = 0
    } else if (this.#state === 'chunk end') this.#state = 'chunk size'
    else if (line === '') this.#state = 'complete'
    else {
      if (++this.#trailers > maxHeaders) throw tooLarge()
      this.#trailerBytes += line.length
      const text = `\r\n${line}`
      parseHeaders(text, Buffer.from(text, 'latin1'))
    }
  }
}

const nothing = Buffer.alloc(0)
const headEnd = Buffer.from('\r\n\r\n')
const lineFeed = 0x0a
const carriageReturn = 0x0d
const prefixes = [Buffer.from('HTTP/1.1 '), Buffer.from('HTTP/1.0 ')] as const

const badChunks = 'The response is not divided into chunks as it says.'
/** Whether a response of HTTP/1.1, or of HTTP/1.0, may have this byte there. */
const fitsPrefix = (byte: number, at: number): boolean =>
  at >= prefixes[0].length || prefixes.some((prefix) => prefix[at] === byte)

/** But for tabs and line ends (RFC 9110, section 5.5). */
const isControl = (byte: number): boolean =>
  (byte < 0x20 && byte !== 0x09 && byte !== lineFeed && byte !== carriageReturn) || byte === 0x7f

const isHexDigit = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
