import { join } from 'node:path'
import { stopChild } from '@jethook/local'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { waitFor } from '../../infrastructure/wait-for.ts'
import type { BenchReceiver } from '../receiver/receiver.ts'
import type { Contender } from './contender.ts'
import { startRedis } from './redis.ts'
import { startWorker } from './start-worker.ts'

/** What a Node team writes instead: see `bullmq-process.ts`. Rejects with NoRedis. */
export async function startBullmq(folder: string, receiver: BenchReceiver, fanOut: number): Promise<Contender> {
  const redis = await startRedis(join(folder, 'redis'))
  const worker = await startWorker('./bullmq-process.ts', [String(redis.port)])
  const connection = new Redis(redis.port)
  const queue = new Queue('deliveries', { connection })

  return {
    name: 'bullmq',
    fanOut,
    publish: async (payloads, first) => {
      await queue.addBulk(
        payloads.flatMap((bytes, index) => {
          const payload = bytes.toString()
          return Array.from({ length: fanOut }, (_, endpoint) => ({
            name: 'delivery',
            data: { url: receiver.url(endpoint, 'ok', (first + index) * fanOut + endpoint), payload },
            opts: { attempts: 9, backoff: { type: 'exponential', delay: 5_000 }, removeOnComplete: true },
          }))
        }),
      )
    },
    processes: () => ({ worker: [worker.pid], redis: [redis.server.pid] }),
    async settled() {
      await waitFor(async () => Object.values(await queue.getJobCounts()).every((count) => count === 0), {
        what: 'no jobs to be left',
        timeoutMs: 60_000,
        intervalMs: 50,
      })
    },
    async stop() {
      await queue.close()
      connection.disconnect()
      await stopChild(worker, 'SIGTERM')
      await redis.server.stop()
    },
  }
}
