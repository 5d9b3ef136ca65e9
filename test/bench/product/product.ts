import { join } from 'node:path'
import { eventsConsumer, intakeConsumer, StreamName } from '@jethook/contracts'
import { startNats } from '@jethook/local'
import { createPublisher, type Publisher } from '@jethook/runtime'
import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Client } from 'pg'
import { createDatabase } from '../../infrastructure/databases.ts'
import { startServices, type ServiceName, type Services } from '../../infrastructure/services.ts'
import { waitFor } from '../../infrastructure/wait-for.ts'
import type { ProcessGroups } from '../measure/usage.ts'
import { bytesWritten } from './postgres-writes.ts'

export interface ProductOptions {
  readonly name: string
  readonly folder: string
  readonly postgres: { readonly url: string; readonly pid: number | undefined }
  /** How many: one unless given. */
  readonly dispatchers?: number | undefined
  /** Of all services. Nothing given means the defaults, the log level too. */
  readonly env?: Record<string, string> | undefined
  readonly nodeArguments?: (service: ServiceName) => readonly string[]
  /** Another checkout to take the services from. */
  readonly root?: string | undefined
}

/** The whole product as separate processes, on a NATS server and a database of its own, with no tenant yet. */
export interface Product {
  readonly name: string
  readonly services: Services
  readonly publisher: Publisher
  readonly jetstream: JetStreamClient
  readonly manager: JetStreamManager
  processes(): ProcessGroups
  /** So many entries of the calendar stay there: nobody waits for them. */
  leaveInCalendar(entries: number): void
  /** Resolves when all that was published is dealt with: delivered, or in the calendar if it stays there. */
  dispatched(): Promise<void>
  /** The same, and so many more deliveries than before are in the log. Rejects when it holds another number. */
  settled(deliveries: number): Promise<void>
  /** Entries that were made in the calendar so far. */
  deferrals(): Promise<number>
  /** Bytes that Postgres wrote so far, for all databases; ends with a checkpoint, so that nothing is still to be written. */
  databaseWrites(): Promise<number>
  /** The value of a metric, over all its labels. */
  metric(service: ServiceName, name: string): Promise<number>
  stop(): Promise<void>
}

const patience = { timeoutMs: 120_000, intervalMs: 50 } as const

export async function startProduct({
  name,
  folder,
  postgres,
  dispatchers = 1,
  ...options
}: ProductOptions): Promise<Product> {
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
  const others = await Promise.all(Array.from({ length: dispatchers - 1 }, () => services.another('dispatcher')))
  const connection = await connect({ servers: nats.url, noAsyncTraces: true })
  const manager = await jetstreamManager(connection)
  const publisher = createPublisher(connection)
  const database = new Client({ connectionString: databaseUrl })
  await database.connect()
  let settledSoFar = 0
  let staying = 0

  const isDispatched = async (): Promise<boolean> => {
    for (const { stream, name: consumer } of [intakeConsumer, eventsConsumer]) {
      const { num_pending: pending, num_ack_pending: inHand } = await manager.consumers.info(stream, consumer)
      if (pending + inHand > 0) return false
    }
    // An entry of the calendar stays in its stream until the outcome of its attempt is stored.
    const { state } = await manager.streams.info(StreamName.deliveries)
    return state.messages === staying
  }
  const isProjected = async (stream: string): Promise<boolean> => {
    const { state } = await manager.streams.info(stream)
    const { rows } = await database.query('SELECT position FROM projection_positions WHERE stream = $1', [stream])
    return Number(rows[0]?.position) === state.last_seq
  }
  const dispatched = async (): Promise<void> => {
    await waitFor(isDispatched, { ...patience, what: 'all events to be dealt with' })
  }

  return {
    name,
    services,
    publisher,
    jetstream: jetstream(connection),
    manager,
    processes: () => ({
      ingest: [services.ingest.pid ?? 0],
      dispatcher: [services.dispatcher, ...others].map(({ pid }) => pid ?? 0),
      subscriptions: [services.subscriptions.pid ?? 0],
      nats: [nats.pid ?? 0],
      postgres: [postgres.pid ?? 0],
    }),
    leaveInCalendar: (entries) => void (staying += entries),
    dispatched,
    async settled(deliveries) {
      settledSoFar += deliveries
      // Nothing is acknowledged before its outcome is on ATTEMPTS: then the end of that stream is the end.
      await dispatched()
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
    databaseWrites: () => bytesWritten(database),
    async metric(service, wanted) {
      const text = await (await fetch(`${services[service].url}/metrics`)).text()
      const lines = text.split('\n').filter((line) => line.startsWith(wanted) && /[ {]/.test(line[wanted.length] ?? ''))
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
    },
    async stop() {
      await database.end()
      publisher.close()
      await connection.close()
      await services.stop()
      await nats.stop()
    },
  }
}
