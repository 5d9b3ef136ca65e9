import type { Dispatcher } from 'undici'
import { watchConnection, type ConnectionWatch, type EgressDispatchOptions, type UsedConnection } from '../src/index.ts'

export interface Sent {
  readonly status: number
  readonly body: string
  readonly used: UsedConnection | null
}

/** One POST, as the dispatcher makes it. Rejects with the error that undici reports. */
export function send(
  agent: Dispatcher,
  url: string,
  headers: Record<string, string> = {},
  connection: ConnectionWatch = watchConnection(),
): Promise<Sent> {
  const { origin, pathname, search } = new URL(url)
  const options: EgressDispatchOptions = {
    origin,
    path: pathname + search,
    method: 'POST',
    headers,
    body: '{}',
    connection,
  }
  return new Promise((resolve, reject) => {
    let status = 0
    let body = ''
    agent.dispatch(options, {
      onRequestStart() {},
      onResponseStart(_controller, statusCode) {
        status = statusCode
      },
      onResponseData(_controller, chunk) {
        body += chunk.toString('latin1')
      },
      onResponseEnd() {
        const sent = { status, body, used: connection.used() }
        // undici sets the connection free for the next request in the next turn of the event loop.
        setImmediate(() => setImmediate(() => resolve(sent)))
      },
      onResponseError(_controller, error) {
        reject(Object.assign(error, { used: connection.used() }))
      },
    })
  })
}

/** The error of a request that must fail. */
export async function failing(sent: Promise<Sent>): Promise<Error & { code?: string; used: UsedConnection | null }> {
  const outcome = await sent.catch((error: unknown) => error)
  if (outcome instanceof Error) return outcome as Error & { code?: string; used: UsedConnection | null }
  throw new Error(`The request was answered: ${JSON.stringify(outcome)}`)
}
