import { describe, expect, test } from 'vitest'
import { costRatio } from '../../../../test/infrastructure/cost-ratio.ts'
import { ResponseParser } from './response-parser.ts'

interface Parsed {
  status?: number
  headers?: Record<string, string>
  body: string
  /** What came after the response. */
  rest?: string
  keepsAlive?: boolean
}

/** Reads it in pieces of so many bytes. Without an end it is `undefined` that is left of `rest`. */
function parse(text: string, pieceBytes = text.length, parser = new ResponseParser()): Parsed {
  const parsed: Parsed = { body: '' }
  parser.begin({
    onHead(status, headers) {
      parsed.status = status
      parsed.headers = { ...headers }
    },
    onBody(bytes) {
      parsed.body += bytes.toString('latin1')
    },
  })
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const end = parser.read(bytes.subarray(at, at + pieceBytes))
    if (end < 0) continue
    parsed.rest = text.slice(at + end)
    parsed.keepsAlive = parser.keepsAlive
    break
  }
  return parsed
}

const ok = 'HTTP/1.1 200 OK\r\n'

const responses: Record<string, { text: string; parsed: Parsed }> = {
  'with a length': {
    text: `${ok}Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello`,
    parsed: {
      status: 200,
      headers: { 'content-type': 'text/plain', 'content-length': '5' },
      body: 'hello',
      rest: '',
      keepsAlive: true,
    },
  },
  'without a reason, as short as can be': {
    text: 'HTTP/1.1 204\r\n\r\n',
    parsed: { status: 204, headers: {}, body: '', rest: '', keepsAlive: true },
  },
  'of length 0': {
    text: `${ok}content-length:0\r\n\r\n`,
    parsed: { status: 200, headers: { 'content-length': '0' }, body: '', rest: '', keepsAlive: true },
  },
  'whose length is said twice': {
    text: `${ok}Content-Length: 2\r\nContent-Length: 2\r\n\r\nok`,
    parsed: { status: 200, headers: { 'content-length': '2, 2' }, body: 'ok', rest: '', keepsAlive: true },
  },
  'in chunks, with extensions and trailers': {
    text: `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n00a ; a="b"\r\n, good day\r\n0\r\nChecksum: 1\r\n\r\n`,
    parsed: {
      status: 200,
      headers: { 'transfer-encoding': 'chunked' },
      body: 'hello, good day',
      rest: '',
      keepsAlive: true,
    },
  },
  'in chunks that are compressed': {
    text: `${ok}Transfer-Encoding: gzip, Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
    parsed: { status: 200, headers: { 'transfer-encoding': 'gzip, Chunked' }, body: 'x', rest: '', keepsAlive: true },
  },
  'in chunks, of HTTP/1.0': {
    text: 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
    parsed: {
      status: 200,
      headers: { connection: 'keep-alive', 'transfer-encoding': 'chunked' },
      body: 'x',
      rest: '',
      keepsAlive: false,
    },
  },
  'after interim ones': {
    text: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok}Content-Length: 2\r\n\r\nok`,
    parsed: { status: 200, headers: { 'content-length': '2' }, body: 'ok', rest: '', keepsAlive: true },
  },
  'with headers of all kinds': {
    text: `${ok}A: 1\r\nB:\t 2 3 \t\r\na: 4\r\nC:\r\n__proto__: p\r\nconstructor: c\r\nÜ: no\r\n\r\n`.replace(
      'Ü: no',
      'X-Latin: \xfc',
    ),
    parsed: {
      status: 200,
      headers: {
        a: '1, 4',
        b: '2 3',
        c: '',
        ['__proto__']: 'p',
        constructor: 'c',
        'x-latin': '\xfc',
      },
      body: '',
    },
  },
  'that ends with the connection': {
    text: `${ok}\r\nuntil the end`,
    parsed: { status: 200, headers: {}, body: 'until the end' },
  },
  'that wants the connection closed': {
    text: `${ok}Connection: Close\r\nContent-Length: 0\r\n\r\n`,
    parsed: {
      status: 200,
      headers: { connection: 'Close', 'content-length': '0' },
      body: '',
      rest: '',
      keepsAlive: false,
    },
  },
  'of HTTP/1.0': {
    text: 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n',
    parsed: { status: 200, headers: { 'content-length': '0' }, body: '', rest: '', keepsAlive: false },
  },
  'without a body, though it says so': {
    text: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody',
    parsed: { status: 304, headers: { 'content-length': '4' }, body: '', rest: 'body', keepsAlive: true },
  },
  'behind line ends that were too many before it': {
    text: `\r\n\r\n${ok}Content-Length: 2\r\n\r\nok`,
    parsed: { status: 200, headers: { 'content-length': '2' }, body: 'ok', rest: '', keepsAlive: true },
  },
  'whose chunk sizes begin with zeros': {
    text: `${ok}Transfer-Encoding: chunked\r\n\r\n${'0'.repeat(20)}1\r\nx\r\n0000\r\n\r\n`,
    parsed: { status: 200, headers: { 'transfer-encoding': 'chunked' }, body: 'x', rest: '', keepsAlive: true },
  },
  'with more behind it': {
    text: `${ok}Content-Length: 2\r\n\r\nok${ok}`,
    parsed: { status: 200, headers: { 'content-length': '2' }, body: 'ok', rest: ok, keepsAlive: true },
  },
}

describe.each(Object.entries(responses))('a response %s', (_what, { text, parsed }) => {
  test('is read at once', () => {
    expect(parse(text)).toEqual(parsed)
  })

  test('is read the same in pieces of any size', () => {
    for (let pieceBytes = 1; pieceBytes < text.length; pieceBytes++) expect(parse(text, pieceBytes)).toEqual(parsed)
  })
})

test('one parser reads one response after the other', () => {
  const parser = new ResponseParser()
  for (const { text, parsed } of Object.values(responses)) expect(parse(text, text.length, parser)).toEqual(parsed)
})

const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`

test.each<[what: string, text: string]>([
  ['another protocol', '220 smtp ready\r\n'],
  ['an alert of TLS', '\x15\x03\x03\0\x02\x02\x28'],
  ['settings of HTTP/2', '\0\0\x12\x04\0\0\0\0\0'],
  ['another protocol in lines', 'SSH-2.0-x\n'],
  ['many empty lines first', `${'\r\n'.repeat(40)}${ok}\r\n`],
  ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
  ['HTTP/1.2', 'HTTP/1.2 200 OK\r\n\r\n'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['a status below 100', 'HTTP/1.1 099 OK\r\n\r\n'],
  ['two spaces before its status', 'HTTP/1.1  200 OK\r\n\r\n'],
  ['an upgrade', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'],
  ['lines without a carriage return', 'HTTP/1.1 200 OK\nA: b\n\r\n\r\n'],
  ['a line end in a value', `${ok}A: b\nC: d\r\n\r\n`],
  ['a carriage return in a value', `${ok}A: b\rC: d\r\n\r\n`],
  ['a NUL', `${ok}A: b\0\r\n\r\n`],
  ['a control character in its reason', 'HTTP/1.1 200 O\x07K\r\nContent-Length: 0\r\n\r\n'],
  ['a name with a space behind it', `${ok}Content-Length : 1\r\n\r\nx`],
  ['a first line that goes on', `${ok} A: b\r\n\r\n`],
  ['a value that goes on in the next line', `${ok}A: b\r\n c\r\n\r\n`],
  ['a line without a colon', `${ok}A\r\n\r\n`],
  ['a line without a name', `${ok}: a\r\n\r\n`],
  ['a name that is none', `${ok}a(b): c\r\n\r\n`],
  ['a length that is none', `${ok}Content-Length: -1\r\n\r\n`],
  ['a length with a sign', `${ok}Content-Length: +1\r\n\r\nx`],
  ['a length in hexadecimal', `${ok}Content-Length: 0x1\r\n\r\nx`],
  ['a length with a blank that is none', `${ok}Content-Length: 2\xa0\r\n\r\nok`],
  ['an empty length', `${ok}Content-Length:\r\n\r\n`],
  ['a length that no number holds', `${ok}Content-Length: ${'9'.repeat(20)}\r\n\r\n`],
  ['two lengths', `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy`],
  ['a length and chunks', `${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['chunks without a size', `${chunked}\r\n`],
  ['a size with a sign', `${chunked}-1\r\n`],
  ['a size with a prefix', `${chunked}0x1\r\nx`],
  ['a size that no number holds', `${chunked}${'f'.repeat(17)}\r\n`],
  ['a size whose line has no carriage return', `${chunked}1\nx`],
  ['a chunk that is longer than its size', `${chunked}1\r\nxy\r\n`],
  ['a chunk without a line end', `${chunked}1\r\nx0\r\n\r\n`],
  ['257 headers', `${ok}${'a: b\r\n'.repeat(257)}\r\n`],
  ['a trailer that is none', `${chunked}0\r\nabc\r\n\r\n`],
  ['a trailer with a carriage return in it', `${chunked}0\r\na: b\rc\r\n\r\n`],
  ['257 trailers', `${chunked}0\r\n${'a: b\r\n'.repeat(257)}`],
  ['headers of more than 16 KiB', `${ok}A: ${'b'.repeat(16_400)}\r\n\r\n`],
  ['trailers of more than 16 KiB', `${chunked}0\r\n${`A: ${'b'.repeat(5_000)}\r\n`.repeat(4)}`],
  ['an extension of more than 1 KiB', `${chunked}1;${'b'.repeat(1_100)}`],
  ['nine interim ones first', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(9)],
  ['more than 1 MiB', `${chunked}${`1;${'x'.repeat(1_000)}\r\nx\r\n`.repeat(1_100)}`],
])('a response with %s is refused, in whatever pieces it comes', (_what, text) => {
  for (const pieceBytes of [text.length, 1_000, ...(text.length < 100_000 ? [1, 2, 3] : [])])
    expect(() => parse(text, pieceBytes)).toThrow(expect.objectContaining({ name: 'InvalidResponseError' }))
})

test('256 headers, and 16 KiB of them, are taken', () => {
  const most = `${ok}${'a: b\r\n'.repeat(255)}Content-Length: 0\r\n\r\n`
  expect(Object.keys(parse(most).headers ?? {})).toEqual(['a', 'content-length'])
  const longest = `${ok}Content-Length: 0\r\nA: `.padEnd(16_384, 'b')
  for (const pieceBytes of [20_000, 1_000, 1]) expect(parse(`${longest}\r\n\r\n`, pieceBytes).rest).toBe('')
})

test('what looks unlike HTTP is refused before its line ends', () => {
  for (const text of ['<', 'HTTQ', 'HTTP/2', 'HTTP/1.1\t', '\x15\x03', 'SSH-2.0-x\n'])
    expect(() => parse(text, 1)).toThrow('The response does not begin like one of HTTP/1.1.')
  expect(parse('HTTP/1.', 1)).toEqual({ body: '' })
})

test('what is certain to be refused is refused at once, though more could come', () => {
  for (const text of [
    'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
    `${ok}A: b\0`,
    `${ok}A: b\rc`,
    `${chunked}no chunks`,
    `${chunked}2\r\nokXX`,
  ])
    expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'InvalidResponseError' }))
})

test.each([
  ['204 No Content', 'Content-Length: 0', true],
  ['204 No Content', 'Content-Length: 4', false],
  ['204 No Content', 'Transfer-Encoding: chunked', false],
  ['304 Not Modified', 'Content-Length: 4', true],
  ['304 Not Modified', 'Transfer-Encoding: chunked', false],
  ['204 No Content', 'Connection: x-closed', true],
  ['204 No Content', 'Connection: keep-alive, close', false],
])('after %s with %s a connection can be used again: %s', (status, header, keepsAlive) => {
  const parser = new ResponseParser()
  parse(`HTTP/1.1 ${status}\r\n${header}\r\n\r\n`, 1_000, parser)
  expect(parser.keepsAlive).toBe(keepsAlive)
})

test.each([
  ['keep-alive', true],
  ['close, keep-alive', false],
  ['upgrade', false],
])('of HTTP/1.0 with Connection: %s it can: %s', (connection, keepsAlive) => {
  const parser = new ResponseParser()
  parse(`HTTP/1.0 200 OK\r\nConnection: ${connection}\r\nContent-Length: 0\r\n\r\n`, 1_000, parser)
  expect(parser.keepsAlive).toBe(keepsAlive)
})

test.each([
  ['Connection', 'Content-Length: 0\r\nConnection'],
  ['Content-Length', 'Content-Length'],
])(
  'blanks within %s cost no more than other characters',
  (_name, headers) => {
    const parsing = (character: string) => () => {
      try {
        parse(`${ok}${headers}: 0${character.repeat(16_000)}0\r\n\r\n`)
      } catch (error) {
        expect(error).toMatchObject({ name: 'InvalidResponseError' })
      }
    }
    // Where blanks are looked at again for each blank it is hundreds of times as much.
    expect(costRatio(parsing(' '), parsing('a'))).toBeLessThan(20)
  },
  30_000,
)

test('a response to CONNECT ends with its head', () => {
  const parser = new ResponseParser()
  parser.begin({ onHead() {}, onBody() {} }, true)
  const head = 'HTTP/1.1 200 Connected\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n'
  expect(parser.read(Buffer.from(`${head}more`))).toBe(head.length)
})

test('a handler that has enough hears nothing more', () => {
  const parser = new ResponseParser()
  const heard: string[] = []
  parser.begin({
    onHead: () => heard.push('head'),
    onBody(bytes) {
      heard.push(bytes.toString())
      parser.stop()
    },
  })
  parser.read(Buffer.from(`${chunked}1\r\na\r\n1\r\nb\r\n0\r\n\r\n`))
  expect(heard).toEqual(['head', 'a'])
})

test.each([
  ['timeout=5, max=100', 5_000],
  ['max=100', undefined],
  ['timeout=never', undefined],
])('Keep-Alive: %s is a hint of %s ms', (value, hintMs) => {
  const parser = new ResponseParser()
  parse(`${ok}Keep-Alive: ${value}\r\nContent-Length: 0\r\n\r\n`, 1_000, parser)
  expect(parser.keepAliveHintMs).toBe(hintMs)
})

test('the end of the connection ends what has no length, and nothing else', () => {
  const ends = (text: string): boolean => {
    const parser = new ResponseParser()
    parse(text, text.length, parser)
    return parser.endsWithConnection
  }
  expect(ends(`${ok}\r\nabc`)).toBe(true)
  for (const text of ['HTTP', ok, `${ok}Content-Length: 5\r\n\r\nabc`, `${chunked}5\r\nabc`])
    expect(ends(text)).toBe(false)
})
