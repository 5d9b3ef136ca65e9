import { join } from 'node:path'
import { eventsConsumer, intakeSubject, StreamName } from '@jethook/contracts'
import { startNats } from '@jethook/local'
import { createPublisher } from '@jethook/runtime'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Client } from 'pg'
import { createDatabase } from '../../infrastructure/databases.ts'
import { startServices, type ServiceName, type Services } from '../../infrastructure/services.ts'
import { waitFor } from '../../infrastructure/wait-for.ts'
import type { BenchReceiver } from '../receiver/receiver.ts'
import type { Contender } from './contender.ts'

export interface JethookOptions {
  readonly name: string
  readonly folder: string
  readonly postgres: { readonly url: string; readonly pid: number | undefined }
  readonly receiver: BenchReceiver
  /** Of all services. Nothing given means the defaults, the log level too. */
  readonly env?: Record<string, string>
  readonly nodeArguments?: (service: ServiceName) => readonly string[]
  /** Another checkout to take the services from. */
  readonly root?: string | undefined
}

export interface Jethook extends Contender {
  readonly services: Services
}

const tenants = 10
/** Of the profile's catalogue, each subscribed once per tenant: 200 subscriptions. */
const eventTypes = [
  'trader.created',
  'trader.updated',
  'trader.deleted',
  'lead.created',
  'lead.converted',
  'kyc.requested',
  'kyc.approved',
  'kyc.rejected',
  'deposit.created',
  'deposit.settled',
  'deposit.failed',
  'withdrawal.requested',
  'withdrawal.approved',
  'withdrawal.paid',
  'withdrawal.rejected',
  'position.opened',
  'position.updated',
  'position.closed',
  'support.ticket_created',
  'support.ticket_replied',
]

/** The whole product as separate processes, on a NATS server and a database of its own. */
export async function startJethook(options: JethookOptions): Promise<Jethook> {
  const { name, folder, postgres, receiver } = options
  const nats = await startNats({ directory: join(folder, name), name: `bench-${name}` })
  const databaseUrl = await createDatabase(postgres.url)
  const services = await startServices({
    natsUrl: nats.url,
    databaseUrl,
    env: { LOG_LEVEL: '', ...options.env },
    outputFolder: join(folder, name),
    ...(options.nodeArguments && { nodeArguments: options.nodeArguments }),
    ...(options.root && { root: options.root }),
  })
  const connection = await connect({ servers: nats.url, noAsyncTraces: true })
  const manager = await jetstreamManager(connection)
  const publisher = createPublisher(connection)
  const database = new Client({ connectionString: databaseUrl })
  await database.connect()
  await subscribe(services, receiver)

  let published = 0
  const subjects = Array.from({ length: tenants * eventTypes.length }, (_, index) =>
    intakeSubject(`tenant-${index % tenants}`, eventTypes[Math.floor(index / tenants)] ?? ''),
  )
  let settledSoFar = 0

  const isDispatched = async (): Promise<boolean> => {
    const { num_pending: pending, num_ack_pending: inHand } = await manager.consumers.info(
      eventsConsumer.stream,
      eventsConsumer.name,
    )
    // An entry of the calendar stays in its stream until the outcome of its attempt is stored.
    const { state } = await manager.streams.info(StreamName.deliveries)
    return pending + inHand + state.messages === 0
  }
  const isProjected = async (stream: string): Promise<boolean> => {
    const { state } = await manager.streams.info(stream)
    const { rows } = await database.query('SELECT position FROM projection_positions WHERE stream = $1', [stream])
    return Number(rows[0]?.position) === state.last_seq
  }

  return {
    name,
    services,
    publish: async (payloads) => {
      await Promise.all(
        payloads.map((payload) => publisher.publish(subjects[published++ % subjects.length] ?? '', payload)),
      )
    },
    processes: () => ({
      ingest: [services.ingest.pid ?? 0],
      dispatcher: [services.dispatcher.pid ?? 0],
      subscriptions: [services.subscriptions.pid ?? 0],
      nats: [nats.pid ?? 0],
      postgres: [postgres.pid ?? 0],
    }),
    async settled(deliveries) {
      settledSoFar += deliveries
      const patience = { timeoutMs: 120_000, intervalMs: 50 }
      // Nothing is acknowledged before its outcome is on ATTEMPTS: then the end of that stream is the end.
      await waitFor(isDispatched, { ...patience, what: 'all events to be dealt with' })
      await waitFor(async () => (await isProjected(StreamName.attempts)) && (await isProjected(StreamName.events)), {
        ...patience,
        what: 'the projections to reach the end of their streams',
      })
      const { rows } = await database.query(`
        SELECT (SELECT count(*) FROM deliveries WHERE status = 'delivered') AS delivered,
               (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM attempts) AS attempts`)
      const counts = JSON.stringify(rows[0])
      if (Number(rows[0]?.delivered) !== settledSoFar)
        throw new Error(`The log does not hold ${settledSoFar} deliveries: ${counts}.`)
    },
    // Each makes two messages: the entry, and what it becomes when it is due.
    deferrals: async () => (await manager.streams.info(StreamName.deliveries)).state.last_seq / 2,
    async stop() {
      await database.end()
      publisher.close()
      await connection.close()
      await services.stop()
      await nats.stop()
    },
  }
}

async function subscribe(services: Services, receiver: BenchReceiver): Promise<void> {
  const post = async (path: string, key: string, body: unknown): Promise<Record<string, string>> => {
    const response = await fetch(`${services.subscriptions.url}${path}`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Record<string, string>
  }
  for (let tenant = 0; tenant < tenants; tenant++) {
    const id = `tenant-${tenant}`
    await post('/v1/tenants', services.operatorKey, { id, name: id, profile: 'lumirecrm' })
    const { key = '' } = await post(`/v1/tenants/${id}/keys`, services.operatorKey, { name: 'bench', role: 'admin' })
    for (const [index, eventType] of eventTypes.entries()) {
      const url = `${receiver.origin(index)}/ok/${tenant * eventTypes.length + index}`
      await post('/v1/webhooks/subscriptions', key, { url, events: [eventType] })
    }
  }
}
