import { setTimeout as delay } from 'node:timers/promises'
import { randomBytes } from 'node:crypto'
import { changesCountAfterMs, hashApiKey } from '@jethook/configuration'
import {
  configSubject,
  intakeSubject,
  MessageHeader,
  parseEventSubject,
  StreamName,
  streamDefinitions,
  type DomainEvent,
  type Role,
} from '@jethook/contracts'
import { createLogger, messageHeaders, noTracing, openBroker, streamSizes, type Broker } from '@jethook/runtime'
import { startOwnNats, waitFor, type TestServer } from '../../../test/infrastructure/index.ts'
import { createIngest, readConfig, type Ingest } from '../src/index.ts'

/** A NATS server of the test file's own, ingest on it, and what the tests do with both. */
export interface Fixture {
  readonly nats: TestServer
  readonly broker: Broker
  readonly ingest: () => Ingest
  start(): Promise<void>
  stop(): Promise<void>
  createTenant(profile?: string): Promise<string>
  createKey(tenant: string, role?: Role): Promise<string>
  /** Publishes to INTAKE like a producer. */
  publish(
    tenant: string,
    eventType: string,
    payload: string | Uint8Array,
    headers?: Record<string, string>,
  ): Promise<void>
  post(path: string, key: string, body: string | Buffer, headers?: Record<string, string>): Promise<Response>
  /** What a stream holds for a tenant, oldest first. */
  stored(stream: 'events' | 'rejected', tenant: string): Promise<StoredEvent[]>
  /** The same, when there are that many. */
  waitForStored(stream: 'events' | 'rejected', tenant: string, count?: number): Promise<StoredEvent[]>
  /** Resolves when everything in INTAKE has been dealt with. */
  waitForIntake(): Promise<void>
  metric(line: string): Promise<number>
  dispose(): Promise<void>
}

export interface StoredEvent {
  readonly type: string
  readonly payload: string
  readonly bytes: Uint8Array
  readonly header: (name: string) => string
  readonly id: string
}

export async function startIngest(env: Record<string, string> = {}): Promise<Fixture> {
  const nats = await startOwnNats()
  const config = readConfig({
    NATS_URL: nats.url,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    ...env,
  })
  const logger = createLogger('ingest', config.LOG_LEVEL)
  const open = (): Promise<Broker> =>
    openBroker({ url: nats.url, name: 'test', logger, streams: streamDefinitions(streamSizes(config)) })
  const broker = await open()
  let ingest: Ingest | undefined

  const decided = async (event: DomainEvent, subject: string): Promise<void> => {
    await broker.publisher.publish(subject, JSON.stringify(event))
    // As the admin API does before it answers.
    await delay(changesCountAfterMs)
  }
  const fixture: Fixture = {
    nats,
    broker,
    ingest: () => ingest!,
    async start() {
      ingest = await createIngest(config, { logger, tracing: noTracing })
    },
    async stop() {
      await ingest?.stop()
      ingest = undefined
    },
    async createTenant(profile = 'lumirecrm') {
      const tenant = `t-${randomBytes(6).toString('hex')}`
      const event: DomainEvent = {
        type: 'TenantCreated',
        tenant,
        at: Date.now(),
        by: 'operator',
        name: tenant,
        profile,
      }
      await decided(event, configSubject(tenant, 'tenant', tenant))
      return tenant
    },
    async createKey(tenant, role = 'admin') {
      const key = `lum_live_${randomBytes(16).toString('hex')}`
      const keyId = `key_${randomBytes(8).toString('hex')}`
      const event: DomainEvent = {
        type: 'ApiKeyCreated',
        tenant,
        at: Date.now(),
        by: 'operator',
        keyId,
        name: role,
        role,
        hash: hashApiKey(key),
        hint: key.slice(0, 13),
      }
      await decided(event, configSubject(tenant, 'key', keyId))
      return key
    },
    async publish(tenant, eventType, payload, headers = {}) {
      await broker.publisher.publish(intakeSubject(tenant, eventType), payload, messageHeaders(headers))
    },
    post: (path, key, body, headers = {}) =>
      fetch(`http://127.0.0.1:${ingest?.port}${path}`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...(key && { 'x-api-key': key }), ...headers },
      }),
    async stored(stream, tenant) {
      const name = StreamName[stream]
      const { state } = await broker.manager.streams.info(name)
      const found: StoredEvent[] = []
      for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
        const message = await broker.manager.streams.getMessage(name, { seq })
        if (!message) continue
        const address = parseEventSubject(message.subject)
        if (address.tenant !== tenant) continue
        const header = (key: string): string => message.header.get(key)
        const payload = Buffer.from(message.data).toString('utf8')
        found.push({ type: address.eventType, payload, bytes: message.data, header, id: header(MessageHeader.eventId) })
      }
      return found
    },
    waitForStored: (stream, tenant, count = 1) =>
      waitFor(
        async () => {
          const found = await fixture.stored(stream, tenant)
          return found.length >= count && found
        },
        { what: `${count} message(s) of ${tenant} in ${stream}` },
      ),
    async waitForIntake() {
      await waitFor(async () => (await broker.manager.streams.info(StreamName.intake)).state.messages === 0, {
        what: 'INTAKE to be empty',
        timeoutMs: 20_000,
      })
    },
    async metric(line) {
      const metrics = await (await fetch(`http://127.0.0.1:${ingest?.port}/metrics`)).text()
      const found = metrics.split('\n').find((candidate) => candidate.startsWith(`${line} `))
      return Number(found?.slice(line.length) ?? 0)
    },
    async dispose() {
      await fixture.stop()
      await broker.close()
      await nats.dispose()
    },
  }
  await fixture.start()
  return fixture
}
