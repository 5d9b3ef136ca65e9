import type { ConsumerDefinition } from '@jethook/contracts'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
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
  new Gauge({
    name: 'jethook_stream_lag_messages',
    help: 'Messages waiting for, or being dealt with by, a durable consumer.',
    labelNames: ['stream', 'consumer'],
    registers: [registry],
    async collect() {
      for (const { stream, name } of consumers) {
        const info = await broker.manager.consumers.info(stream, name).catch(() => undefined)
        if (info) this.set({ stream, consumer: name }, info.num_pending + info.num_ack_pending)
      }
    },
  })
}
