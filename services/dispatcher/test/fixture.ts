import { setTimeout as delay } from 'node:timers/promises'
import { changesCountAfterMs, createSecretBox } from '@jethook/configuration'
import {
  Attempt,
  configSubject,
  createId,
  defaultDeliveryRules,
  eventSubject,
  MessageHeader,
  readOutcomes,
  streamDefinitions,
  StreamName,
  type DeliveryOutcome,
  type DomainEvent,
  type EncryptedSecret,
  type SubscriptionSettings,
} from '@jethook/contracts'
import {
  createLogger,
  messageHeaders,
  noTracing,
  openBroker,
  readStream,
  streamSizes,
  type Broker,
  type Service,
} from '@jethook/runtime'
import { randomBytes } from 'node:crypto'
import {
  loopbackOnly,
  startOwnNats,
  startReceiver,
  waitFor,
  type Receiver,
  type Respond,
} from '../../../test/infrastructure/index.ts'
import type { DispatcherConfig } from '../src/config.ts'
import { createDispatcher } from '../src/service.ts'

export const tenant = 'acme'
export const secret = 'the secret of every subscription here'

export const defaultSettings = {
  events: ['deposit.settled'],
  description: null,
  active: true,
  retryScheduleMs: [],
  timeoutMs: null,
  ...defaultDeliveryRules,
}

export interface Fixture {
  readonly broker: Broker
  /** Outcomes stored so far, in order. */
  readonly outcomes: readonly DeliveryOutcome[]
  /** A secret of this subscription, as domain events hold it. */
  seal(subscriptionId: string, plain: string): EncryptedSecret
  subscribe(settings: Partial<SubscriptionSettings> & { url: string }, credentials?: Seal): Promise<string>
  /** The first attempt at a subscription of its own with these settings. */
  attempt(settings: Partial<SubscriptionSettings> & { url: string }, credentials?: Seal): Promise<Attempt>
  decide(event: DomainEvent, kind: 'tenant' | 'subscription', id: string): Promise<void>
  /** Appends an accepted event, as ingest does. */
  accept(eventType: string, payload: string, headers?: Record<string, string>): Promise<string>
  outcomesOf(subscriptionId: string, count: number): Promise<DeliveryOutcome[]>
  /** A receiver, a subscription of it, and an event type that nobody else chose. */
  endpoint(respond?: Respond, settings?: Partial<SubscriptionSettings>): Promise<Endpoint>
  startDispatcher(overrides?: Partial<DispatcherConfig>): Promise<Service & { readonly port: number }>
  stop(): Promise<void>
}

/** Settings with secrets, which are encrypted for the subscription that they are for. */
export type Seal = (seal: (plain: string) => EncryptedSecret) => Partial<SubscriptionSettings>

export interface Endpoint {
  readonly id: string
  readonly receiver: Receiver
  /** Accepts events with the payloads {"n":0}, {"n":1}, …; the first number can be given. */
  accept(count: number, first?: number): Promise<void>
  /** Accepts events with these payloads. */
  acceptAll(payloads: readonly object[]): Promise<void>
  /** The numbers that the receiver got, in order. */
  numbers(): number[]
  outcomes(count: number): Promise<DeliveryOutcome[]>
}

/** A NATS server with a tenant, and dispatchers as needed. */
export async function startFixture(): Promise<Fixture> {
  const nats = await startOwnNats()
  const encryptionKeys = `k1:${randomBytes(32).toString('base64')}`
  const logger = createLogger('test', process.env['TEST_LOG_LEVEL'] ?? 'silent')
  const config = {
    NATS_URL: nats.url,
    HOST: '127.0.0.1',
    PORT: 0,
    LOG_LEVEL: 'silent',
    NATS_REPLICAS: 1,
    RETENTION_DAYS: 1,
    DEDUPLICATION_WINDOW_SECONDS: 60,
    INTAKE_MAX_BYTES: 2 ** 26,
    EVENTS_MAX_BYTES: 2 ** 26,
    ATTEMPTS_MAX_BYTES: 2 ** 26,
    REJECTED_MAX_BYTES: 2 ** 26,
    ENCRYPTION_KEYS: encryptionKeys,
    ...loopbackOnly,
    MAX_IN_FLIGHT: 1_000,
  } satisfies DispatcherConfig
  const broker = await openBroker({
    url: nats.url,
    name: 'test',
    logger,
    streams: streamDefinitions(streamSizes(config)),
  })
  const outcomes: DeliveryOutcome[] = []
  let nextOutcome = 1
  const reading = readStream(
    broker,
    StreamName.attempts,
    () => nextOutcome,
    (message) => {
      nextOutcome = message.seq + 1
      for (const { head, attempt } of readOutcomes(message.data))
        outcomes.push({ ...head, attempt: attempt && Attempt.parse(JSON.parse(Buffer.from(attempt).toString('utf8'))) })
    },
    logger,
  )
  const secrets = createSecretBox(encryptionKeys)
  const dispatchers: Service[] = []
  const receivers: Receiver[] = []
  let ownTypes = 0
  let configSequence = 0

  const decide: Fixture['decide'] = async (event, kind, id) => {
    const { sequence } = await broker.publisher.publish(configSubject(event.tenant, kind, id), JSON.stringify(event))
    configSequence = Math.max(configSequence, sequence)
    // As the admin API does before it answers.
    await delay(changesCountAfterMs)
  }
  await decide(
    { type: 'TenantCreated', tenant, at: Date.now(), by: 'operator', name: 'Acme', profile: 'lumirecrm' },
    'tenant',
    tenant,
  )

  const fixture: Fixture = {
    broker,
    outcomes,
    decide,
    seal: (subscriptionId, plain) => secrets.encrypt(plain, `${tenant}/${subscriptionId}`),
    async subscribe(settings, credentials) {
      const subscriptionId = createId('sub', Date.now())
      const seal = (plain: string) => fixture.seal(subscriptionId, plain)
      const { state } = await broker.manager.streams.info(StreamName.events)
      await decide(
        {
          type: 'SubscriptionCreated',
          tenant,
          at: Date.now(),
          by: 'operator',
          subscriptionId,
          settings: { ...defaultSettings, ...settings, ...credentials?.(seal) },
          secret: seal(secret),
          ...(settings.ordered && { inOrderFrom: state.last_seq }),
        },
        'subscription',
        subscriptionId,
      )
      return subscriptionId
    },
    async attempt(settings, credentials) {
      const type = `only.attempt_${++ownTypes}`
      const id = await fixture.subscribe({ events: [type], ...settings }, credentials)
      await fixture.accept(type, '{"n":1}')
      const [outcome] = await fixture.outcomesOf(id, 1)
      if (!outcome?.attempt) throw new Error(`There was no attempt: ${JSON.stringify(outcome)}`)
      return outcome.attempt
    },
    async accept(eventType, payload, extra = {}) {
      const eventId = createId('evt', Date.now())
      const headers = messageHeaders({
        [MessageHeader.eventId]: eventId,
        [MessageHeader.acceptedAt]: String(Date.now()),
        [MessageHeader.configSequence]: String(configSequence),
        ...extra,
      })
      await broker.publisher.publish(eventSubject(tenant, eventType), payload, headers)
      return eventId
    },
    outcomesOf: (subscriptionId, count) =>
      waitFor(
        () => {
          const found = outcomes.filter((outcome) => outcome.subscriptionId === subscriptionId)
          return found.length >= count && found
        },
        { what: `${count} outcome(s) of ${subscriptionId}`, timeoutMs: 20_000 },
      ),
    async endpoint(respond, settings = {}) {
      const receiver = await startReceiver(respond)
      const type = `only.endpoint_${receivers.push(receiver)}`
      const id = await fixture.subscribe({ url: receiver.url, events: [type], ...settings })
      return {
        id,
        receiver,
        accept: async (count, first = 0) => {
          for (let n = first; n < first + count; n++) await fixture.accept(type, `{"n":${n}}`)
        },
        acceptAll: async (payloads) => {
          for (const payload of payloads) await fixture.accept(type, JSON.stringify(payload))
        },
        numbers: () => receiver.requests.map((request) => (request.json() as { n: number }).n),
        outcomes: (count) => fixture.outcomesOf(id, count),
      }
    },
    async startDispatcher(overrides = {}) {
      const dispatcher = await createDispatcher({ ...config, ...overrides }, { logger, tracing: noTracing })
      let stopped: Promise<void> | undefined
      const once = { port: dispatcher.port, stop: () => (stopped ??= dispatcher.stop()) }
      dispatchers.push(once)
      return once
    },
    async stop() {
      await Promise.all(dispatchers.map((dispatcher) => dispatcher.stop()))
      await reading.stop()
      await broker.close()
      await nats.dispose()
      await Promise.all(receivers.map((receiver) => receiver.close()))
    },
  }
  return fixture
}
