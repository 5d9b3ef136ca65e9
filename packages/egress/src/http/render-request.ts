/** One POST. */
export interface EgressRequest {
  /** Scheme, host and port, as `URL` has them. */
  readonly origin: string
  /** Path and query, as `URL` has them. */
  readonly path: string
  /** Names in lower case. Host may be among them; how the message is framed (connection, content-length, transfer-encoding) is not up to them. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** How long whoever makes it waits for the response: connecting is to leave time for that. */
  readonly timeoutMs?: number | undefined
}

/**
 * The request line and the headers (RFC 9112, section 3). Throws when something in them could end a line, or is no Latin-1. Says
 * which header it is, not what is in it: that may be a secret.
 */
export function renderHead({ path, headers, body }: EgressRequest, host: string): string {
  if (notInPath.test(path)) throw new TypeError(`The path ${JSON.stringify(path)} holds a character that it must not.`)
  const named = headers['host'] ?? host
  if (notInValue.test(named)) throw unsendable('host')
  let lines = ''
  for (const name in headers) {
    const value = headers[name]!
    if (name === 'host' || ours.has(name)) continue
    if (notInName.test(name) || notInValue.test(value)) throw unsendable(name)
    lines += `${name}: ${value}\r\n`
  }
  return `POST ${path} HTTP/1.1\r\nhost: ${named}\r\nconnection: keep-alive\r\n${lines}content-length: ${body.length}\r\n\r\n`
}

const ours = new Set(['connection', 'content-length', 'transfer-encoding'])

const unsendable = (name: string): TypeError =>
  new TypeError(`The header ${JSON.stringify(name)} holds a character that it must not.`)

const notInPath = /^(?!\/)|[^!-~]/
const notInName = /[^!#$%&'*+.^_`|~0-9a-z-]|^$/
const notInValue = /[^\t\x20-\x7e\x80-\xff]/
