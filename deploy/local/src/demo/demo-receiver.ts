import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'

const PATH = '/webhooks/lumirecrm'

export interface DemoReceiver {
  readonly url: string
  /** With which the signatures are checked from now on. */
  useSecret(secret: string): void
  /** Resolves when this many verified deliveries have come in all, or `false` after the time. */
  verified(count: number, withinMs: number): Promise<boolean>
  close(): Promise<void>
}

/** The customer's server: checks each signature as LumireCRM's page tells customers to, and prints what it got. */
export async function startDemoReceiver(port: number, say: (message: string) => void): Promise<DemoReceiver> {
  let secret = ''
  let verifiedCount = 0
  const waiting = new Set<() => void>()
  const handle = async (request: IncomingMessage): Promise<boolean> => {
    const body = await buffer(request)
    const isGenuine = isSigned(body, header(request, 'X-LumireCRM-Signature'), secret)
    const what = `${header(request, 'X-LumireCRM-Event')} ${header(request, 'X-LumireCRM-Delivery')}`
    const attempt = `attempt ${header(request, 'X-LumireCRM-Attempt')}`
    say(`receiver | ${what} ${attempt}, signature ${isGenuine ? 'verified' : 'WRONG'}: ${body.toString('utf8')}`)
    if (isGenuine) {
      verifiedCount += 1
      for (const check of waiting) check()
    }
    return isGenuine
  }
  const server = createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== PATH) {
      response.writeHead(404).end()
      return
    }
    handle(request).then(
      (isGenuine) => response.writeHead(isGenuine ? 204 : 401).end(),
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${port}${PATH}`,
    useSecret: (newSecret) => {
      secret = newSecret
    },
    verified: (count, withinMs) =>
      new Promise((resolve) => {
        const finish = (reached: boolean): void => {
          clearTimeout(timer)
          waiting.delete(check)
          resolve(reached)
        }
        const check = (): void => {
          if (verifiedCount >= count) finish(true)
        }
        const timer = setTimeout(() => finish(false), withinMs)
        waiting.add(check)
        check()
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Hex HMAC-SHA256 over the raw body, compared in constant time. */
function isSigned(body: Buffer, signature: string, secret: string): boolean {
  const expected = createHmac('sha256', secret).update(body).digest()
  const actual = Buffer.from(signature, 'hex')
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}

function header(request: IncomingMessage, name: string): string {
  return String(request.headers[name.toLowerCase()] ?? '-')
}
