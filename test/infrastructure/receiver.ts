import { createServer as createTlsServer } from 'node:https'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Certificate } from './certificates.ts'

export interface Recorded {
  readonly method: string
  readonly path: string
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders
  /** As they came: order, case and repetitions. */
  readonly rawHeaders: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
  readonly receivedAtMs: number
  json(): unknown
}

/** A status, a whole answer, no answer at all, or a broken connection. */
export type Reply =
  | number
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: string | Buffer }
  | 'hang'
  | 'disconnect'

/** `nth` counts from 1. */
export type Respond = (request: Recorded, nth: number) => Reply | Promise<Reply>

export interface Receiver {
  readonly url: string
  readonly port: number
  readonly requests: readonly Recorded[]
  /**
   * The first `count` requests, or all that match so far once there is one. Rejects after `timeoutMs` with what came instead.
   */
  waitFor(condition: number | ((request: Recorded) => boolean), timeoutMs?: number): Promise<Recorded[]>
  /** Another way to answer from now on. */
  respond(fn: Respond): void
  close(): Promise<void>
}

const answerOk: Respond = () => 200

/** The customer's server: records what it gets and answers what it is told. */
export async function startReceiver(
  handler: Respond = answerOk,
  options: { readonly port?: number; readonly certificate?: Certificate | undefined } = {},
): Promise<Receiver> {
  const requests: Recorded[] = []
  const onRequest = new Set<() => void>()
  let respond = handler

  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await record(message)
    const nth = requests.push(request)
    for (const notify of onRequest) notify()
    send(await respond(request, nth), response)
  }
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    // A request that the sender broke off is not one that arrived.
    handle(message, response).catch(() => response.destroy())
  }
  const { certificate } = options
  const server = certificate ? createTlsServer(certificate, listener) : createServer(listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo

  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    waitFor: (condition, timeoutMs = 10_000) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const found = typeof condition === 'number' ? requests.slice(0, condition) : requests.filter(condition)
          if (found.length < (typeof condition === 'number' ? condition : 1)) return
          finish()
          resolve(found)
        }
        const giveUp = (): void => {
          finish()
          reject(new Error(`Waited ${timeoutMs} ms for ${describe(condition)}; ${summary(requests)}`))
        }
        const timer = setTimeout(giveUp, timeoutMs)
        const finish = (): void => {
          clearTimeout(timer)
          onRequest.delete(check)
        }
        onRequest.add(check)
        check()
      }),
    respond: (fn) => {
      respond = fn
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function record(message: IncomingMessage): Promise<Recorded> {
  const receivedAtMs = Date.now()
  const body = await buffer(message)
  const { rawHeaders: flat } = message
  return {
    method: message.method ?? '',
    path: message.url ?? '',
    headers: message.headers,
    rawHeaders: flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ''] as const] : [])),
    body,
    receivedAtMs,
    json: () => JSON.parse(body.toString('utf8')) as unknown,
  }
}

function send(reply: Reply, response: ServerResponse): void {
  if (reply === 'hang') return
  if (reply === 'disconnect') {
    response.destroy()
    return
  }
  const { status = 200, headers = {}, body = '' } = typeof reply === 'number' ? { status: reply } : reply
  response.writeHead(status, headers).end(body)
}

function describe(condition: number | ((request: Recorded) => boolean)): string {
  return typeof condition === 'number' ? `${condition} request(s)` : 'a request that matches'
}

function summary(requests: readonly Recorded[]): string {
  const shown = requests.slice(-5).map(({ method, path, body }) => `${method} ${path} ${body.toString('utf8', 0, 200)}`)
  return [`got ${requests.length}`, ...shown].join('\n  ')
}
