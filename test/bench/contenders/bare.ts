import { join } from 'node:path'
import { startNats, stopChild } from '@jethook/local'
import { createPublisher } from '@jethook/runtime'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { waitFor } from '../../infrastructure/wait-for.ts'
import type { BenchReceiver } from '../receiver/receiver.ts'
import { bareStreams } from './bare-streams.ts'
import type { Contender } from './contender.ts'
import { startWorker } from './start-worker.ts'

export interface LoopOptions {
  /** So many deliveries of each event: 1 unless given. */
  readonly fanOut?: number | undefined
  /** How many run the loop: one unless given. */
  readonly processes?: number | undefined
}

/** The machine's limit: see `bare-process.ts`. */
export async function startBare(
  folder: string,
  receiver: BenchReceiver,
  { fanOut = 1, processes = 1 }: LoopOptions,
): Promise<Contender> {
  const nats = await startNats({ directory: join(folder, `bare-${processes}`), name: 'bench-bare' })
  const connection = await connect({ servers: nats.url, noAsyncTraces: true })
  const manager = await jetstreamManager(connection)
  const { events, outcomes } = bareStreams
  await manager.streams.add({ name: events.name, subjects: [events.subject], storage: 'file' })
  await manager.streams.add({ name: outcomes.name, subjects: [outcomes.subject], storage: 'file' })

  const origins = Array.from({ length: 20 }, (_, index) => receiver.origin(index))
  const start = () => startWorker('./bare-process.ts', [nats.url, String(fanOut), ...origins])
  const workers = await Promise.all(Array.from({ length: processes }, start))
  const publisher = createPublisher(connection)
  let settledSoFar = 0

  return {
    name: processes === 1 ? 'bare' : `bare_${processes}`,
    fanOut,
    publish: async (payloads) => {
      await Promise.all(payloads.map((payload) => publisher.publish(events.subject, payload)))
    },
    processes: () => ({ worker: workers.map(({ pid }) => pid), nats: [nats.pid ?? 0] }),
    async settled(deliveries) {
      settledSoFar += deliveries / fanOut
      await waitFor(
        async () => {
          const info = await manager.consumers.info(events.name, events.consumer)
          return info.num_pending + info.num_ack_pending === 0 && info.ack_floor.consumer_seq === settledSoFar
        },
        { what: `${settledSoFar} acknowledged messages`, timeoutMs: 30_000, intervalMs: 50 },
      )
    },
    async stop() {
      await Promise.all(workers.map((worker) => stopChild(worker, 'SIGTERM')))
      publisher.close()
      await connection.close()
      await nats.stop()
    },
  }
}
