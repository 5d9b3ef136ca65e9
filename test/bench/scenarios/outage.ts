import { setTimeout as delay } from 'node:timers/promises'
import { intakeSubject } from '@jethook/contracts'
import { publishBurst, type Publish } from '../load/publish-burst.ts'
import { publishPaced } from '../load/publish-paced.ts'
import { mostWithin, timesAt } from '../measure/arrivals.ts'
import { monotonicMs } from '../measure/monotonic.ts'
import { createTenant } from '../product/admin-api.ts'
import { figure, type Figure } from '../report/figure.ts'
import { render } from '../report/table.ts'
import type { Scenario } from './scenario.ts'

const rateLimit = { perSecond: 50, burst: 10 } as const
const { perSecond, burst } = rateLimit
const retryScheduleMs = Array.from({ length: 20 }, () => 5_000)
const limited = { endpoint: 0, eventType: 'deposit.created' } as const
const away = { endpoint: 1, eventType: 'deposit.settled' } as const
/** What was saved up before has gone by then. */
const settleMs = 3_000

/** Two dispatchers share the limits of an endpoint for which more waits than it may have, and of one that comes back. */
export const outage: Scenario = {
  name: 'outage',
  about: 'rate limits over two dispatchers: their accuracy, and the backlog of an endpoint that was away',
  async run(bench) {
    const { receiver } = bench
    const windowMs = bench.quick ? 10_000 : 60_000
    const enough = Math.round(((settleMs + windowMs) / 1_000) * perSecond * 1.1) + burst
    const backlog = bench.quick ? 200 : 1_000
    const product = await bench.product({ dispatchers: 2 })
    const tenant = await createTenant(product.services, 'limited')
    await tenant.subscribe({ url: receiver.url(limited.endpoint), events: [limited.eventType], rateLimit })
    const url = receiver.url(away.endpoint, 'gated')
    await tenant.subscribe({ url, events: [away.eventType], rateLimit, retryScheduleMs })
    const publishTo =
      (eventType: string): Publish =>
      async (payloads) => {
        const subject = intakeSubject(tenant.id, eventType)
        await Promise.all(payloads.map((payload) => product.publisher.publish(subject, payload)))
      }

    const run = bench.nextRun()
    await receiver.begin({ run, events: Math.max(enough, backlog), fanOut: 2, record: true })
    receiver.setGate(false)
    await publishBurst(publishTo(limited.eventType), run, enough)
    await publishPaced(publishTo(away.eventType), run, { perSecond, count: backlog })
    await delay(1_000)
    receiver.setGate(true)
    const backAtMs = monotonicMs()
    await receiver.received(enough + backlog, 300_000)

    const { arrivals } = await receiver.report()
    const back = timesAt(arrivals, away.endpoint).filter((atMs) => atMs >= backAtMs)
    const figures = [
      ...accuracyFigures(timesAt(arrivals, limited.endpoint), windowMs),
      ...recoveryFigures(
        back.map((atMs) => atMs - backAtMs),
        backlog,
      ),
    ]
    for (const { name, median, unit } of figures) bench.say(`  ${name}: ${render(median)} ${unit}`.trimEnd())
    return figures
  },
}

function accuracyFigures(times: Float64Array, windowMs: number): Figure[] {
  const start = (times[0] ?? Number.NaN) + settleMs
  const within = times.filter((atMs) => atMs >= start && atMs < start + windowMs).length
  const measured = (within / windowMs) * 1_000
  return [
    figure('rate.per_second', '/s', [measured]),
    figure('rate.deviation', '%', [Math.abs(measured / perSecond - 1) * 100], { atMost: 5 }),
  ]
}

/** `times` count from when the endpoint was back. */
function recoveryFigures(times: Float64Array, backlog: number): Figure[] {
  return [
    figure('outage.most_in_a_second', '', [mostWithin(1_000, times)], { atMost: 1.05 * perSecond + burst }),
    figure('outage.first_after', 's', [(times[0] ?? Number.NaN) / 1_000]),
    figure('outage.through_after', 's', [(times.at(-1) ?? Number.NaN) / 1_000]),
    figure('outage.at_the_limit', 's', [backlog / perSecond]),
  ]
}
