import type { Bench } from '../bench.ts'
import type { Contender } from '../contenders/contender.ts'
import type { Publish } from '../load/publish-burst.ts'
import { publishPaced, type Pace } from '../load/publish-paced.ts'
import { percentile } from './statistics.ts'

export interface PacedResult {
  /** From when an event was due to be published until the receiver had it, ms. */
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Publishes at a pace, one delivery per event, and waits until all have come. Rejects when one is missing. */
export async function runPaced(
  bench: Bench,
  contender: Contender,
  pace: Pace,
  publish: Publish = contender.publish,
): Promise<PacedResult> {
  const { receiver } = bench
  const run = bench.nextRun()
  await receiver.begin({ run, events: pace.count, latencies: true })
  await Promise.all([publishPaced(publish, run, pace), receiver.received(pace.count, 120_000)])
  const { latencies } = await receiver.report()
  await contender.settled(pace.count)
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), max: latencies.at(-1) ?? Number.NaN }
}
