import type { EgressAgent, PendingRequest, UsedConnection } from '../src/index.ts'

export interface Sent {
  readonly status: number
  readonly body: string
  readonly used: UsedConnection | null
}

/** One POST, as the dispatcher makes it. Rejects with the error that the agent reports. `begun` is called with the request. */
export function send(
  agent: EgressAgent,
  url: string,
  headers: Record<string, string> = {},
  begun: (pending: PendingRequest) => void = () => {},
  timeoutMs?: number,
): Promise<Sent> {
  const { origin, pathname, search } = new URL(url)
  const request = { origin, path: pathname + search, headers, body: Buffer.from('{}'), timeoutMs }
  return new Promise((resolve, reject) => {
    let status = 0
    let body = ''
    const pending = agent.post(request, {
      onHead(code) {
        status = code
      },
      onBody(bytes) {
        body += bytes.toString('latin1')
      },
      onEnd() {
        resolve({ status, body, used: pending.used() })
      },
      onError(error) {
        reject(Object.assign(error, { used: pending.used() }))
      },
    })
    begun(pending)
  })
}

/** The error of a request that must fail. */
export async function failing(sent: Promise<Sent>): Promise<Error & { code?: string; used: UsedConnection | null }> {
  const outcome = await sent.catch((error: unknown) => error)
  if (outcome instanceof Error) return outcome as Error & { code?: string; used: UsedConnection | null }
  throw new Error(`The request was answered: ${JSON.stringify(outcome)}`)
}
