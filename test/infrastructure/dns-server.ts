import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { lookupThrough, type Lookup } from '@jethook/egress'

/** Response codes of RFC 1035, 4.1.1. */
const codes = { failing: 2, unknown: 3 }

/** The IPv4 addresses of a name; `unknown` there is no such name; `failing` it cannot tell; `silent` no answer at all. `query` counts from 1. */
export type Answer = (name: string, query: number) => readonly string[] | keyof typeof codes | 'silent'

export interface DnsServer extends AsyncDisposable {
  /** `host:port`, as DNS_SERVERS has it. */
  readonly address: string
  /** Asks this server. */
  readonly lookup: Lookup
  /** What it says from now on. */
  answer: Answer
  /** How often it was asked for the IPv4 addresses of a name. */
  queries(name: string): number
}

/** A name server on loopback (RFC 1035) that says what a test wants. It knows IPv4 addresses, each for no time at all. */
export async function startDnsServer(answer: Answer): Promise<DnsServer> {
  const asked = new Map<string, number>()
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const { name, type, end } = parseQuestion(query)
    const isIPv4 = type === 1
    if (isIPv4) asked.set(name, (asked.get(name) ?? 0) + 1)
    const answered = server.answer(name, asked.get(name) ?? 1)
    if (answered === 'silent') return
    const isCode = typeof answered === 'string'
    const addresses = isCode || !isIPv4 ? [] : answered
    const response = writeResponse(query.subarray(0, end), isCode ? codes[answered] : 0, addresses)
    socket.send(response, from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')

  const resolver = new Resolver({ timeout: 2_000, tries: 1 })
  const address = `127.0.0.1:${socket.address().port}`
  resolver.setServers([address])
  const server: DnsServer = {
    address,
    lookup: lookupThrough(resolver),
    answer,
    queries: (name) => asked.get(name) ?? 0,
    async [Symbol.asyncDispose]() {
      resolver.cancel()
      socket.close()
      await once(socket, 'close')
    },
  }
  return server
}

function parseQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  // Resolvers may vary the case, against forged answers.
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function writeResponse(question: Buffer, code: number, addresses: readonly string[]): Buffer {
  const header = Buffer.from(question.subarray(0, 12))
  header.writeUInt16BE(0x8180 | code, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(addresses.length, 6)
  header.writeUInt32BE(0, 8)
  // Name: a pointer to the question's; type A, class IN, time to live 0, 4 bytes.
  const records = addresses.map((address) =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  )
  return Buffer.concat([header, question.subarray(12), ...records])
}
