import { randomBytes } from 'node:crypto'
import { type Role, streamDefinitions, StreamName } from '@jethook/contracts'
import { createLogger, noTracing, openBroker, streamSizes, type Broker } from '@jethook/runtime'
import { loopbackOnly, startInfrastructure, type TestServer } from '../../../test/infrastructure/index.ts'
import { readConfig } from '../src/config.ts'
import { createSubscriptions, type Subscriptions } from '../src/service.ts'

/** What an answer's body may hold; tests say what they expect of it. */
export type Body = Record<string, unknown> & { readonly data?: Record<string, unknown>[] }

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: Body
}

export interface CallOptions {
  readonly key?: string
  readonly body?: unknown
  /** Sent as it is, instead of `body`. */
  readonly raw?: string
  readonly headers?: Record<string, string>
}

export interface TenantFixture {
  readonly id: string
  /** The key of an admin; of the owner where the profile wants one for changes. */
  readonly key: string
  createKey(role: Role): Promise<string>
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  /** Creates a subscription, which must succeed. */
  subscribe(body?: Record<string, unknown>): Promise<Body & { readonly id: string; readonly secret: string }>
}

/** A NATS server and a database of the test file's own, and the service on them. */
export interface Fixture {
  readonly nats: TestServer
  readonly broker: Broker
  readonly operatorKey: string
  readonly url: string
  readonly databaseUrl: string
  /** Starts one more replica. */
  startReplica(): Promise<Subscriptions>
  /** Stops all; the address of the first one answers no more. */
  stopReplicas(): Promise<void>
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  /** With the profile lumirecrm, unless another one is named. */
  createTenant(profile?: string): Promise<TenantFixture>
  /** The raw messages of CONFIG, oldest first. */
  storedConfig(): Promise<string[]>
  dispose(): Promise<void>
}

const operatorKey = 'operator-key-of-the-tests'

export async function startSubscriptions(
  databaseUrl?: string,
  environment: Record<string, string> = {},
): Promise<Fixture> {
  const infrastructure = await startInfrastructure()
  const config = readConfig({
    NATS_URL: infrastructure.nats.url,
    DATABASE_URL: databaseUrl ?? infrastructure.databaseUrl,
    OPERATOR_KEY: operatorKey,
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    ...loopbackOnly,
    ...environment,
  })
  const logger = createLogger('subscriptions', config.LOG_LEVEL)
  const replicas: Subscriptions[] = []
  const startReplica = async (): Promise<Subscriptions> => {
    const replica = await createSubscriptions(config, { logger, tracing: noTracing })
    replicas.push(replica)
    return replica
  }
  const stopReplicas = async (): Promise<void> => {
    await Promise.all(replicas.splice(0).map((replica) => replica.stop()))
  }
  const { url } = await startReplica()
  const broker = await openBroker({
    url: config.NATS_URL,
    name: 'test',
    logger,
    streams: streamDefinitions(streamSizes(config)),
  })

  const call: Fixture['call'] = (method, path, options) => send(`${url}${path}`, method, options)
  return {
    nats: infrastructure.nats,
    broker,
    databaseUrl: config.DATABASE_URL,
    operatorKey,
    url,
    startReplica,
    stopReplicas,
    call,
    async createTenant(profile = 'lumirecrm') {
      const id = `t-${randomBytes(6).toString('hex')}`
      await call('POST', '/v1/tenants', { key: operatorKey, body: { id, name: 'Acme', profile } })
      const createKey = async (role: Role): Promise<string> => {
        const path = `/v1/tenants/${id}/keys`
        return String((await call('POST', path, { key: operatorKey, body: { name: role, role } })).body['key'])
      }
      const key = await createKey(profile === 'lumin-sign' ? 'owner' : 'admin')
      const callAsAdmin: TenantFixture['call'] = (method, path, options) => call(method, path, { key, ...options })
      return {
        id,
        key,
        createKey,
        call: callAsAdmin,
        async subscribe(body = {}) {
          const wanted = { url: 'https://example.com/hooks', events: ['deposit.settled'], ...body }
          const answer = await callAsAdmin('POST', '/v1/webhooks/subscriptions', { body: wanted })
          if (answer.status !== 201) throw new Error(`Not created: ${answer.text}`)
          return answer.body as Body & { id: string; secret: string }
        },
      }
    },
    async storedConfig() {
      const { state } = await broker.manager.streams.info(StreamName.config)
      const messages: string[] = []
      for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
        const message = await broker.manager.streams.getMessage(StreamName.config, { seq })
        if (message) messages.push(Buffer.from(message.data).toString('utf8'))
      }
      return messages
    },
    async dispose() {
      await stopReplicas()
      await broker.close()
      await infrastructure.stop()
    },
  }
}

export async function send(url: string, method: string, options: CallOptions = {}): Promise<Answer> {
  const content = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body))
  const response = await fetch(url, {
    method,
    headers: {
      ...(options.key !== undefined && { 'x-api-key': options.key }),
      ...(content !== undefined && { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(content !== undefined && { body: content }),
  })
  const text = await response.text()
  const isJson = text !== '' && (response.headers.get('content-type')?.includes('json') ?? false)
  return { status: response.status, headers: response.headers, text, body: isJson ? (JSON.parse(text) as Body) : {} }
}
