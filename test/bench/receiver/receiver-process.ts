import { createServer, type Socket } from 'node:net'
import { dueOf, numberOf, runOf } from '../load/payload.ts'
import { monotonicMs } from '../measure/monotonic.ts'
import { Fate } from './arrivals.ts'
import type { Conduct, ReceiverCommand, ReceiverReport } from './messages.ts'
import { Recording } from './recording.ts'

/**
 * The customers' server, a process of its own. It reads just enough of HTTP/1.1 to answer what the contenders send (a request
 * line, headers with content-length, a body), because it must not be what is
 * measured. It took 13 to 20 µs of CPU per request in the run of the README; node:http was not tried.
 */
const ok = Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}')
const unavailable = Buffer.from('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n')
const endOfHead = Buffer.from('\r\n\r\n')
const lengthHeader = Buffer.from('content-length: ')

let run = 0
let fanOut = 1
let conduct: Conduct = { lateMs: 0, failedShare: 0 }
let isOpen = true
let seen = new Uint8Array(0)
let received = 0
let duplicates = 0
let strays = 0
let firstAtMs = 0
let lastAtMs = 0
let recording: Recording | undefined
let awaited: number | undefined

function readNumber(bytes: Buffer, at: number): number {
  let value = 0
  for (let index = at; bytes[index]! >= 48 && bytes[index]! <= 57; index++) value = value * 10 + bytes[index]! - 48
  return value
}

const pathAt = 'POST /'.length
const slash = 0x2f

/** Answers a request whose head begins at `start`, as its path has it. */
function take(bytes: Buffer, start: number, bodyAt: number, socket: Socket): void {
  const behaviour = String.fromCharCode(bytes[start + pathAt]!)
  const isOurs = runOf(bytes, bodyAt) === run
  const isRefused =
    behaviour === 'h' || (behaviour === 'f' && Math.random() < conduct.failedShare) || (behaviour === 'g' && !isOpen)
  const endpoint = readNumber(bytes, bytes.indexOf(slash, start + pathAt) + 1)
  if (isOurs) count(bytes, bodyAt, endpoint, isRefused)
  else strays++
  if (behaviour === 'h') return
  if (behaviour === 'l') setTimeout(() => socket.write(ok), conduct.lateMs)
  else socket.write(isRefused ? unavailable : ok)
}

function count(bytes: Buffer, bodyAt: number, endpoint: number, isRefused: boolean): void {
  const event = numberOf(bytes, bodyAt)
  const key = fanOut === 1 ? event : event * fanOut + endpoint
  const fate = isRefused ? Fate.refused : seen[key] === 1 ? Fate.again : Fate.taken
  const now = monotonicMs()
  recording?.add(now, dueOf(bytes, bodyAt), event, endpoint, fate)
  if (fate === Fate.again) duplicates++
  if (fate !== Fate.taken) return
  seen[key] = 1
  if (received++ === 0) firstAtMs = now
  lastAtMs = now
  if (received === awaited) tellDone()
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
      const length = lengthAt < 0 ? 0 : readNumber(bytes, lengthAt + lengthHeader.length)
      if (bytes.length < bodyAt + length) break
      take(bytes, at, bodyAt, socket)
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
      ;({ run, fanOut } = command)
      conduct = command
      seen = new Uint8Array(command.expected)
      received = duplicates = strays = firstAtMs = lastAtMs = 0
      recording = command.record ? new Recording() : undefined
      return
    case 'gate':
      isOpen = command.open
      return
    case 'await':
      awaited = command.count
      if (received >= awaited) tellDone()
      return
    case 'report': {
      const arrivals = (recording ?? new Recording()).arrivals()
      tell({ type: 'report', received, duplicates, strays, firstAtMs, lastAtMs, arrivals })
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
