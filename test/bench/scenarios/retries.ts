import { monotonicMs } from '../measure/monotonic.ts'
import { percentile } from '../measure/statistics.ts'
import { prepareWaiting } from '../product/fill-calendar.ts'
import { Fate } from '../receiver/arrivals.ts'
import { figure } from '../report/figure.ts'
import { render } from '../report/table.ts'
import type { Scenario } from './scenario.ts'

const duePerSecond = 1_000
/** It takes the product no longer to write the last ones than this. */
const headStartMs = 15_000
const hour = 3_600_000

/** 200,000 retries wait for later; 1,000 more per second are due now. */
export const retries: Scenario = {
  name: 'retries',
  about: 'how late retries are, with 200,000 entries in the calendar',
  async run(bench) {
    const { receiver } = bench
    const pending = bench.quick ? 20_000 : 200_000
    const measured = duePerSecond * (bench.quick ? 5 : 30)
    const product = await bench.product()
    const run = bench.nextRun()
    const deliveries = pending + measured
    const waiting = await prepareWaiting(product, receiver, { run, deliveries })
    await receiver.begin({
      run,
      events: Math.ceil(deliveries / waiting.fanOut),
      fanOut: waiting.fanOut,
      record: true,
    })
    const later = Date.now() + 6 * hour
    await waiting.schedule(measured, deliveries, (delivery) => later + (delivery / deliveries) * hour)
    const startMs = Date.now() + headStartMs
    const dueAt = (delivery: number): number => startMs + (delivery * 1_000) / duePerSecond
    await waiting.schedule(0, measured, dueAt)
    const spareMs = startMs - Date.now()
    if (spareMs < 0) throw new Error(`Writing the entries took ${-spareMs} ms longer than there was time.`)
    bench.say(`  ${render(deliveries)} pending, the first is due in ${render(spareMs / 1_000)} s`)

    await receiver.received(measured, headStartMs + 120_000)
    const { arrivals } = await receiver.report()
    const clockOffsetMs = Date.now() - monotonicMs()
    const late = arrivals.atMs
      .map((atMs, index) => {
        const delivery = arrivals.event[index]! * waiting.fanOut + arrivals.endpoint[index]!
        return atMs + clockOffsetMs - dueAt(delivery)
      })
      .filter((_, index) => arrivals.fate[index] === Fate.taken)
      .toSorted()
    const [p50, p99] = [percentile(late, 0.5), percentile(late, 0.99)]
    bench.say(`  late by p50 ${render(p50)} ms, p99 ${render(p99)} ms`)
    return [
      figure('retries.late.p50', 'ms', [p50]),
      figure('retries.late.p99', 'ms', [p99], { atMost: 1_000 }),
      figure('retries.late.max', 'ms', [late.at(-1) ?? Number.NaN]),
      // Nothing goes before its time.
      figure('retries.late.min', 'ms', [late[0] ?? Number.NaN], { atLeast: 0 }),
      figure('retries.pending', '', [pending]),
    ]
  },
}
