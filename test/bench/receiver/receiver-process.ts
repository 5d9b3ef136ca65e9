import { createServer, type Socket } from 'node:net'
import { payloadLayout } from '../load/payload.ts'
import { monotonicMs } from '../measure/monotonic.ts'
import type { ReceiverCommand, ReceiverReport } from './messages.ts'

/**
 * The customers' server, a process of its own. It reads just enough of HTTP/1.1 to answer what undici sends (a request
 * line, headers with content-length, a body), because it must not be what is
 * measured. It took 13 to 20 µs of CPU per request in the run of the README; node:http was not tried.
 */
const ok = Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}')
const unavailable = Buffer.from('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n')
const endOfHead = Buffer.from('\r\n\r\n')
const lengthHeader = Buffer.from('content-length: ')

let run = 0
let fanOut = 1
let expected = 0
let seen = new Uint8Array(0)
let received = 0
let duplicates = 0
let strays = 0
let firstAtMs = 0
let lastAtMs = 0
let latencies: number[] | undefined
let awaited: number | undefined

const { number: numberAt, run: runAt, due: dueAt } = payloadLayout

function readDigits(bytes: Buffer, at: number, length: number): number {
  let value = 0
  for (let index = at; index < at + length; index++) value = value * 10 + bytes[index]! - 48
  return value
}

/** The number after `/ok/` in the request line. */
function readPathNumber(bytes: Buffer, at: number): number {
  let value = 0
  for (let index = at; bytes[index]! >= 48 && bytes[index]! <= 57; index++) value = value * 10 + bytes[index]! - 48
  return value
}

function take(bytes: Buffer, start: number, bodyAt: number): Buffer | undefined {
  if (readDigits(bytes, bodyAt + runAt.at, runAt.length) !== run) {
    strays++
    return ok
  }
  const number = readDigits(bytes, bodyAt + numberAt.at, numberAt.length)
  const mode = bytes[start + 'POST /'.length]
  if (mode === 0x68 /* hang */) return undefined
  if (mode === 0x64 /* down */) return unavailable
  const key = fanOut === 1 ? number : number * fanOut + readPathNumber(bytes, start + 'POST /ok/'.length)
  if (seen[key] === 1) {
    duplicates++
    return ok
  }
  seen[key] = 1
  const now = monotonicMs()
  if (received++ === 0) firstAtMs = now
  lastAtMs = now
  latencies?.push(now - Number(bytes.toString('latin1', bodyAt + dueAt.at, bodyAt + dueAt.at + dueAt.length)))
  if (received === awaited) tellDone()
  return ok
}

function onConnection(socket: Socket): void {
  socket.setNoDelay(true)
  let rest: Buffer | undefined
  socket.on('data', (chunk: Buffer) => {
    let bytes = rest ? Buffer.concat([rest, chunk]) : chunk
    rest = undefined
    let at = 0
    while (at < bytes.length) {
      const headEnd = bytes.indexOf(endOfHead, at)
      if (headEnd < 0) break
      const bodyAt = headEnd + endOfHead.length
      const lengthAt = bytes.indexOf(lengthHeader, at)
      const length = lengthAt < 0 ? 0 : readPathNumber(bytes, lengthAt + lengthHeader.length)
      if (bytes.length < bodyAt + length) break
      const answer = take(bytes, at, bodyAt)
      if (answer) socket.write(answer)
      at = bodyAt + length
    }
    if (at < bytes.length) rest = at === 0 ? bytes : bytes.subarray(at)
  })
  socket.on('error', () => socket.destroy())
}

function tell(message: ReceiverReport): void {
  process.send?.(message)
}

function tellDone(): void {
  awaited = undefined
  tell({ type: 'reached', received })
}

process.on('message', (command: ReceiverCommand) => {
  switch (command.type) {
    case 'begin':
      ;({ run, fanOut, expected } = command)
      seen = new Uint8Array(expected)
      received = duplicates = strays = firstAtMs = lastAtMs = 0
      latencies = command.latencies ? [] : undefined
      return
    case 'await':
      awaited = command.count
      if (received >= awaited) tellDone()
      return
    case 'report': {
      const sorted = Float64Array.from(latencies ?? []).toSorted()
      tell({ type: 'report', received, duplicates, strays, firstAtMs, lastAtMs, latencies: [...sorted] })
      return
    }
  }
})

const ports = Number(process.argv[2])
const servers = Array.from({ length: ports }, () => createServer(onConnection))
const listening = servers.map(
  (server) =>
    new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', 4_096, () => resolve((server.address() as { port: number }).port)),
    ),
)
tell({ type: 'listening', ports: await Promise.all(listening) })
process.on('disconnect', () => process.exit(0))
