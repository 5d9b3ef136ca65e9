import type { StreamDefinition } from '@jethook/contracts'
import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Logger } from '../logger.ts'
import { connectNats, type NatsOptions } from './connect.ts'
import { ensureStreams } from './ensure-streams.ts'
import { SettingsError } from '../settings.ts'
import { createPublisher, type Publisher } from './publisher.ts'

/** Everything a service needs of NATS. */
export interface Broker {
  readonly connection: NatsConnection
  readonly jetstream: JetStreamClient
  readonly manager: JetStreamManager
  readonly publisher: Publisher
  /** Makes the streams again that are gone. */
  heal(): Promise<void>
  /** Whether there is a connection right now. */
  connected(): boolean
  close(): Promise<void>
}

const pauseBetweenTriesMs = 1_000

/** Connects and sees to it that the streams are there. Waits while JetStream is not available (a leader is elected, …). */
export async function openBroker(
  options: NatsOptions & { readonly streams: readonly StreamDefinition[] },
): Promise<Broker> {
  const connection = await connectNats(options)
  const manager = await untilAvailable(options.logger, () => jetstreamManager(connection, { timeout: 5_000 }))
  await untilAvailable(options.logger, () => ensureStreams(manager, options.streams))
  const publisher = createPublisher(connection)
  let connected = true
  let closing = false
  void connection.closed().then((error) => {
    if (closing) return
    // The client never does this of its own accord; without it the process could only seem to be alive.
    throw new Error('The connection to NATS was closed for good.', { cause: error })
  })
  void (async () => {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') connected = false
      if (type === 'reconnect') connected = true
    }
  })()
  return {
    connection,
    jetstream: jetstream(connection),
    manager,
    publisher,
    connected: () => connected,
    heal: () => ensureStreams(manager, options.streams),
    async close() {
      closing = true
      publisher.close()
      // Without a connection there is nobody to tell: what was not acknowledged comes again.
      if (connected) await connection.drain().catch(() => connection.close())
      else await connection.close()
    },
  }
}

const timesToTry = 60

/** The server understood, and will say the same again: a setting that it cannot fulfil. */
const isRefusal = (error: unknown): boolean => error instanceof SettingsError

async function untilAvailable<T>(logger: Logger, action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action()
    } catch (error) {
      if (attempt === timesToTry || isRefusal(error)) throw error
      logger.warn({ err: error, attempt }, 'jetstream.unavailable')
      await new Promise((resolve) => setTimeout(resolve, pauseBetweenTriesMs))
    }
  }
}
