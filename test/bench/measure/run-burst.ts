import type { Bench } from '../bench.ts'
import type { Contender } from '../contenders/contender.ts'
import { publishBurst } from '../load/publish-burst.ts'
import { monotonicMs } from './monotonic.ts'
import { usageOf, usedBetween, type Usage } from './usage.ts'

export interface BurstResult {
  /** From the first publish to the last receipt. */
  readonly deliveriesPerSecond: number
  /** From the first publish until everything about the deliveries is stored, the log too where there is one. */
  readonly settledPerSecond: number
  /** By process, the bench's own and the receiver's too. */
  readonly usage: Readonly<Record<string, Usage>>
  readonly duplicates: number
  /** Deliveries that were put off, because their endpoint had enough to do. */
  readonly deferrals: number
}

/** Publishes as fast as events are taken, until so many deliveries are made of them. Rejects when one is missing. */
export async function runBurst(bench: Bench, contender: Contender, deliveries: number): Promise<BurstResult> {
  const { receiver } = bench
  const { fanOut } = contender
  const events = deliveries / fanOut
  const run = bench.nextRun()
  await receiver.begin({ run, events, fanOut })
  const groups = { ...contender.processes(), receiver: [receiver.pid], producer: [process.pid] }
  const deferralsBefore = (await contender.deferrals?.()) ?? 0
  const before = usageOf(groups)
  const startedAt = monotonicMs()
  await Promise.all([publishBurst(contender.publish, run, events), receiver.received(deliveries, 120_000)])
  await contender.settled(deliveries)
  const settledAt = monotonicMs()
  const usage = usedBetween(before, usageOf(groups))
  const { lastAtMs, duplicates } = await receiver.report()
  return {
    deliveriesPerSecond: (deliveries / (lastAtMs - startedAt)) * 1_000,
    settledPerSecond: (deliveries / (settledAt - startedAt)) * 1_000,
    usage,
    duplicates,
    deferrals: ((await contender.deferrals?.()) ?? 0) - deferralsBefore,
  }
}
