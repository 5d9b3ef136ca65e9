import type { ConsumerDefinition } from '@jethook/contracts'
import type { StreamInfo } from '@nats-io/jetstream'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { askSeldom } from './ask-seldom.ts'
import type { Broker } from './nats/broker.ts'

export { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** A registry with Node's own figures in it. */
export function createMetrics(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}

/** How many messages of a stream a consumer has not dealt with yet; asked of the broker when metrics are read. */
export function measureLag(registry: Registry, broker: Broker, consumers: readonly ConsumerDefinition[]): void {
  const lags = consumers.map(({ stream, name }) => ({
    labels: { stream, consumer: name },
    ask: askSeldom(async () => (broker.connected() ? broker.manager.consumers.info(stream, name) : undefined)),
  }))
  new Gauge({
    name: 'jethook_stream_lag_messages',
    help: 'Messages waiting for, or being dealt with by, a durable consumer.',
    labelNames: ['stream', 'consumer'],
    registers: [registry],
    async collect() {
      await Promise.all(
        lags.map(async ({ labels, ask }) => {
          const info = await ask()
          if (info) this.set(labels, info.num_pending + info.num_ack_pending)
          else this.remove(labels)
        }),
      )
    },
  })
}

/** What the broker knows of a stream, for metrics: shared for a few seconds, undefined without an answer in time. */
export type AskStream = (stream: string) => Promise<StreamInfo | undefined>

export function createAskStream(broker: Broker): AskStream {
  const asking = new Map<string, () => Promise<StreamInfo | undefined>>()
  return (stream) => {
    let ask = asking.get(stream)
    if (!ask) {
      ask = askSeldom(async () => (broker.connected() ? broker.manager.streams.info(stream) : undefined))
      asking.set(stream, ask)
    }
    return ask()
  }
}

/** How full streams are: a full EVENTS refuses events, a full ATTEMPTS forgets. */
export function measureStreams(registry: Registry, askStream: AskStream, streams: readonly string[]): void {
  const gauge = (name: string, help: string, valueOf: (info: StreamInfo) => number | undefined): void => {
    new Gauge({
      name,
      help,
      labelNames: ['stream'],
      registers: [registry],
      async collect() {
        await Promise.all(
          streams.map(async (stream) => {
            const info = await askStream(stream)
            const value = info && valueOf(info)
            if (value === undefined) this.remove({ stream })
            else this.set({ stream }, value)
          }),
        )
      },
    })
  }
  gauge('jethook_stream_bytes', 'What a stream holds, in bytes.', ({ state }) => state.bytes)
  gauge(
    'jethook_stream_max_bytes',
    'What a stream may hold, in bytes; none for streams without a limit.',
    ({ config }) => (config.max_bytes > 0 ? config.max_bytes : undefined),
  )
}
