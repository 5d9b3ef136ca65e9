import type { Bench } from '../bench.ts'
import type { Contender } from '../contenders/contender.ts'
import { publishPaced, type Pace } from '../load/publish-paced.ts'
import { latenciesOf } from './arrivals.ts'
import { runBurst } from './run-burst.ts'
import { percentile } from './statistics.ts'

export interface PacedResult {
  /** From when an event was due to be published until the receiver had it, ms. */
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Publishes at a pace, each event to one subscription, and waits until all have come. Rejects when one is missing. */
export async function runPaced(bench: Bench, contender: Contender, pace: Pace): Promise<PacedResult> {
  const { receiver } = bench
  const run = bench.nextRun()
  await receiver.begin({ run, events: pace.count, record: true })
  await Promise.all([publishPaced(contender.publish, run, pace), receiver.received(pace.count, 120_000)])
  const { arrivals } = await receiver.report()
  await contender.settled(pace.count)
  return summarize(latenciesOf(arrivals))
}

/** Teaches the JIT compilers: first much at once, then as it is measured. */
export async function warmUp(bench: Bench, contender: Contender): Promise<void> {
  for (let burst = 0; burst < 2; burst++) await runBurst(bench, contender, bench.quick ? 1_000 : 20_000)
  await runPaced(bench, contender, { perSecond: 1_000, count: bench.quick ? 1_000 : 4_000 })
}

/** Of sorted latencies. */
export function summarize(sorted: ArrayLike<number>): PacedResult {
  return {
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    max: sorted[sorted.length - 1] ?? Number.NaN,
  }
}
