import type { ConsumerDefinition, StreamDefinition } from '@jethook/contracts'
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiError,
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream'
import { SettingsError } from '../settings.ts'
import { nanos } from '@nats-io/transport-node'

const streamNotFound = 10_059
const consumerNotFound = 10_014

/** Creates or updates the streams; safe to do by several processes at once. Throws when the server did not take a setting. */
export async function ensureStreams(
  manager: JetStreamManager,
  definitions: readonly StreamDefinition[],
): Promise<void> {
  for (const definition of definitions) {
    const wanted = streamConfig(definition)
    const { config } = await addOrUpdate(manager, wanted)
    for (const [key, value] of Object.entries(wanted)) {
      const echoed: unknown = config[key as keyof StreamConfig]
      if (typeof value !== 'object' && echoed !== value) {
        throw new Error(
          `NATS did not take ${key}=${String(value)} for stream ${definition.name} (it says ${String(echoed)}): is the server too old?`,
        )
      }
    }
  }
}

async function addOrUpdate(manager: JetStreamManager, wanted: ReturnType<typeof streamConfig>) {
  try {
    return await manager.streams.update(wanted.name, wanted)
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error
    if (error.code !== streamNotFound) throw refusal(error, wanted)
    return manager.streams.add(wanted).catch((refused: unknown) => {
      throw refused instanceof JetStreamApiError ? refusal(refused, wanted) : refused
    })
  }
}

const badRequest = 400

/** A sentence about the setting, where it is a setting that the server cannot fulfil; else the error itself. */
function refusal(error: JetStreamApiError, { name, num_replicas: replicas }: ReturnType<typeof streamConfig>): Error {
  if (error.status !== badRequest && error.code !== notClustered) return error
  return new SettingsError(
    `NATS refuses stream ${name}: ${error.message}. Look at NATS_REPLICAS (${replicas}) and the sizes and times of streams.`,
  )
}

const notClustered = 10_074

function streamConfig(definition: StreamDefinition): Partial<StreamConfig> & { name: string } {
  return {
    name: definition.name,
    description: definition.description,
    subjects: [...definition.subjects],
    retention: definition.retention,
    storage: 'file',
    num_replicas: definition.replicas,
    discard: definition.discard ?? 'old',
    allow_direct: true,
    ...(definition.maxAgeMs && { max_age: nanos(definition.maxAgeMs) }),
    ...(definition.maxBytes && { max_bytes: definition.maxBytes }),
    ...(definition.deduplicationWindowMs && { duplicate_window: nanos(definition.deduplicationWindowMs) }),
    ...(definition.maxMessagesPerSubject && { max_msgs_per_subject: definition.maxMessagesPerSubject }),
    ...(definition.schedules && { allow_msg_schedules: true }),
    ...(definition.source && {
      sources: [{ name: definition.source.stream, filter_subject: definition.source.filter }],
    }),
  }
}

/**
 * Creates or updates a shared durable pull consumer. One that has to be created begins after what was acknowledged when it
 * was last seen, and not at the beginning of the stream.
 */
export async function ensureConsumer(
  manager: JetStreamManager,
  definition: ConsumerDefinition,
  lastSeen?: ConsumerInfo,
): Promise<ConsumerInfo> {
  const config: Partial<ConsumerConfig> & { durable_name: string } = {
    durable_name: definition.name,
    description: definition.description,
    filter_subject: definition.filter,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(definition.ackWaitMs),
    backoff: definition.backoffMs.map((delay) => nanos(delay)),
    max_deliver: -1,
    max_ack_pending: definition.maxInFlight,
  }
  try {
    return await manager.consumers.update(definition.stream, definition.name, config)
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.code === consumerNotFound)) throw error
  }
  const { created, state, config: stream } = await manager.streams.info(definition.stream)
  const upTo = lastSeen?.ack_floor.stream_seq ?? 0
  // One that is younger was made anew itself, and one that ends before was put back to what it was earlier. A work queue
  // has nothing any more that was acknowledged, and the server refuses to begin anywhere else in it.
  const isSameStream = upTo > 0 && upTo <= state.last_seq && Date.parse(created) <= Date.parse(lastSeen?.ts ?? '')
  const from =
    isSameStream && stream.retention !== 'workqueue'
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: upTo + 1 }
      : { deliver_policy: definition.onlyNew ? DeliverPolicy.New : DeliverPolicy.All }
  return manager.consumers.add(definition.stream, { ...config, ...from })
}
