import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { intakeSubject, MessageHeader } from '@jethook/contracts'
import { jetstream, type JetStreamClient, type PubAck } from '@nats-io/jetstream'
import { connect, headers, type NatsConnection } from '@nats-io/transport-node'
import {
  selfSigned,
  startInfrastructure,
  startReceiver,
  startServices,
  waitFor,
  type Infrastructure,
  type Receiver,
  type Recorded,
  type Respond,
  type Services,
} from '../infrastructure/index.ts'

/** The whole product as it runs in production, and a vendor's back end, customer and support around it. */
export interface Pipeline {
  readonly infrastructure: Infrastructure
  readonly services: Services
  readonly nats: NatsConnection
  /** With LumireCRM's profile, unless another one is named. */
  createTenant(id?: string, profile?: string): Promise<Tenant>
  /** Calls the admin API with the operator's key. */
  operate<T = unknown>(method: string, path: string, body?: unknown): Promise<Answer<T>>
  receiver(respond?: Respond): Promise<Receiver>
  stop(): Promise<void>
}

export interface Tenant {
  readonly id: string
  readonly apiKey: string
  /** Calls the admin API (or ingest, for POST /v1/events…) with this tenant's key. */
  call<T = unknown>(method: string, path: string, body?: unknown): Promise<Answer<T>>
  subscribe(settings: { url: string; events?: string[] } & Record<string, unknown>): Promise<Subscription>
  /** An ordinary JetStream publish, as the vendor's back end makes it. */
  publish(
    eventType: string,
    payload: string,
    options?: { id?: string; traceparent?: string; user?: string },
  ): Promise<PubAck>
  /** The delivery as support sees it, as soon as it has this status. */
  delivery(id: string, status: string): Promise<Delivery>
  deliveries(subscriptionId: string, query?: string): Promise<Delivery[]>
}

export interface Answer<T> {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: T
}

export interface Subscription {
  readonly id: string
  readonly secret: string
}

export interface Delivery {
  readonly id: string
  readonly status: string
  readonly eventId: string
  readonly event: string
  readonly reason: string | null
  readonly attempts: readonly {
    readonly number: number
    readonly trigger: string
    readonly status: number | null
    readonly error: { readonly code: string } | null
    readonly durationMs: number
    readonly startedAt: string
    readonly request: { readonly url: string; readonly headers: Record<string, string> }
    readonly response: { readonly headers: Record<string, string>; readonly body: string } | null
  }[]
}

export interface PipelineOptions {
  readonly databaseUrl?: string
  readonly env?: Record<string, string>
  /** Receivers speak HTTPS, with a certificate that the services trust. */
  readonly https?: boolean
}

export async function startPipeline(options: PipelineOptions = {}): Promise<Pipeline> {
  const infrastructure = await startInfrastructure()
  const trust = options.https ? trustedCertificate() : undefined
  const services = await startServices({
    natsUrl: infrastructure.nats.url,
    databaseUrl: options.databaseUrl ?? infrastructure.databaseUrl,
    env: { ...trust?.env, ...options.env },
  })
  const nats = await connect({ servers: infrastructure.nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 100 })
  const broker = jetstream(nats, { timeout: 5_000 })
  const receivers: Receiver[] = []
  let tenants = 0

  return {
    infrastructure,
    services,
    nats,
    createTenant: (id = `tenant-${++tenants}`, profile = 'lumirecrm') => createTenant(services, broker, id, profile),
    operate: (method, path, body) => request(services.subscriptions.url, services.operatorKey, method, path, body),
    async receiver(respond) {
      const receiver = await startReceiver(respond, { certificate: trust?.certificate })
      receivers.push(receiver)
      return receiver
    },
    async stop() {
      await nats.close()
      await services.stop()
      await Promise.all(receivers.map((receiver) => receiver.close()))
      await infrastructure.stop()
      trust?.dispose()
    },
  }
}

function trustedCertificate() {
  const certificate = selfSigned({ name: 'Receiver of the tests', hosts: ['127.0.0.1', 'localhost'] })
  const folder = mkdtempSync(join(tmpdir(), 'jethook-test-'))
  const file = join(folder, 'authority.pem')
  writeFileSync(file, certificate.cert)
  return {
    certificate,
    env: { EGRESS_CA_FILE: file },
    dispose: () => rmSync(folder, { recursive: true }),
  }
}

async function createTenant(services: Services, broker: JetStreamClient, id: string, profile: string): Promise<Tenant> {
  const admin = services.subscriptions.url
  const operator = <T>(path: string, body: unknown) => request<T>(admin, services.operatorKey, 'POST', path, body)
  await operator('/v1/tenants', { id, name: id, profile })
  const { body: created } = await operator<{ key: string }>(`/v1/tenants/${id}/keys`, { name: 'test', role: 'admin' })
  const apiKey = created.key

  const call: Tenant['call'] = (method, path, body) =>
    request(isPublish(method, path) ? services.ingest.url : admin, apiKey, method, path, body)

  return {
    id,
    apiKey,
    call,
    async subscribe(settings) {
      const { status, body, text } = await call<Subscription>('POST', '/v1/webhooks/subscriptions', {
        events: ['deposit.settled'],
        ...settings,
      })
      if (status !== 201) throw new Error(`The subscription was not created: ${status} ${text}`)
      return body
    },
    publish(eventType, payload, { id: eventId, traceparent, user } = {}) {
      const header = headers()
      if (eventId) header.set(MessageHeader.messageId, eventId)
      if (traceparent) header.set(MessageHeader.traceparent, traceparent)
      if (user) header.set(MessageHeader.user, user)
      return broker.publish(intakeSubject(id, eventType), payload, { headers: header })
    },
    delivery: (deliveryId, status) =>
      waitFor(
        async () => {
          const { body } = await call<Delivery>('GET', `/v1/deliveries/${deliveryId}`)
          return body.status === status && body
        },
        { what: `delivery ${deliveryId} to be ${status}`, timeoutMs: 20_000 },
      ),
    async deliveries(subscriptionId, query = '') {
      const { body } = await call<{ data: Delivery[] }>('GET', `/v1/webhooks/${subscriptionId}/deliveries${query}`)
      return body.data
    },
  }
}

const isPublish = (method: string, path: string): boolean => method === 'POST' && path.startsWith('/v1/events')

async function request<T>(
  base: string,
  apiKey: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  const answer = await fetch(`${base}${path}`, {
    method,
    headers: { 'X-API-Key': apiKey, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
    // A string is sent as it stands: some tests are about the very bytes.
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, body: (text ? JSON.parse(text) : undefined) as T }
}

/** What LumireCRM's page tells its customers to check. */
export function isSigned(request: Recorded, secret: string): boolean {
  return request.headers['x-lumirecrm-signature'] === createHmac('sha256', secret).update(request.body).digest('hex')
}

export const deliveryIdOf = (request: Recorded): string => String(request.headers['x-lumirecrm-delivery'])
