import { setTimeout as delay } from 'node:timers/promises'
import { intakeSubject } from '@jethook/contracts'
import type { Bench } from '../bench.ts'
import { publishBurst, type Publish } from '../load/publish-burst.ts'
import { publishPaced } from '../load/publish-paced.ts'
import { mostWithin, timesAt } from '../measure/arrivals.ts'
import { monotonicMs } from '../measure/monotonic.ts'
import { createTenant, type Tenant } from '../product/admin-api.ts'
import type { Product } from '../product/product.ts'
import { figure, type Figure } from '../report/figure.ts'
import { render } from '../report/table.ts'
import type { Scenario } from './scenario.ts'

const perSecond = 50
const burst = 10
const retryScheduleMs = Array.from({ length: 20 }, () => 5_000)
const endpoints = { limited: 0, gated: 1 } as const

/** Two dispatchers share the rate limits of an endpoint that has more than enough to take, and of one that was away. */
export const outage: Scenario = {
  name: 'outage',
  about: 'rate limits over two dispatchers: their accuracy, and the backlog of an endpoint that comes back',
  async run(bench) {
    const product = await bench.product()
    await product.services.another('dispatcher')
    const tenant = await createTenant(product.services, 'limited')
    return [...(await measureAccuracy(bench, product, tenant)), ...(await measureRecovery(bench, product, tenant))]
  },
}

/** A minute of an endpoint for which more waits than its limit lets through. */
async function measureAccuracy(bench: Bench, product: Product, tenant: Tenant): Promise<Figure[]> {
  const { receiver } = bench
  const eventType = 'deposit.created'
  const url = receiver.url(endpoints.limited)
  await tenant.subscribe({ url, events: [eventType], rateLimit: { perSecond, burst } })
  const windowMs = bench.quick ? 10_000 : 60_000
  /** Whatever was saved up has gone by then. */
  const settleMs = 3_000
  const wanted = Math.round(((settleMs + windowMs) / 1_000) * perSecond * 1.1) + burst
  const run = bench.nextRun()
  await receiver.begin({ run, events: wanted, record: true })
  await publishBurst(publishTo(product, tenant, eventType), run, wanted)
  await receiver.received(wanted, 2 * windowMs)
  const times = timesAt((await receiver.report()).arrivals, endpoints.limited)
  const start = times[0]! + settleMs
  const within = times.filter((atMs) => atMs >= start && atMs < start + windowMs).length
  const deviation = (within / ((windowMs / 1_000) * perSecond) - 1) * 100
  bench.say(`  ${within} in ${windowMs / 1_000} s at a limit of ${perSecond}/s: ${render(deviation)} % off`)
  return [
    figure('rate.per_second', '/s', [(within / windowMs) * 1_000]),
    figure('rate.deviation', '%', [Math.abs(deviation)], { atMost: 5 }),
  ]
}

/** An endpoint that answers 503 for a while, during which events for it go on. */
async function measureRecovery(bench: Bench, product: Product, tenant: Tenant): Promise<Figure[]> {
  const { receiver } = bench
  const eventType = 'deposit.settled'
  const url = receiver.url(endpoints.gated, 'gated')
  await tenant.subscribe({ url, events: [eventType], rateLimit: { perSecond, burst }, retryScheduleMs })
  const count = bench.quick ? 200 : 1_000
  const run = bench.nextRun()
  await receiver.begin({ run, events: count, record: true })
  receiver.setGate(false)
  await publishPaced(publishTo(product, tenant, eventType), run, { perSecond: 50, count })
  await delay(1_000)
  receiver.setGate(true)
  const backAtMs = monotonicMs()
  await receiver.received(count, 300_000)
  const { arrivals } = await receiver.report()
  const times = timesAt(arrivals, endpoints.gated).filter((atMs) => atMs >= backAtMs)
  const throughSeconds = (times.at(-1)! - backAtMs) / 1_000
  const most = mostWithin(1_000, times)
  bench.say(`  ${count} waited, at most ${most} in a second, all through after ${render(throughSeconds)} s`)
  return [
    figure('outage.most_in_a_second', '', [most], { atMost: 1.05 * perSecond + burst }),
    figure('outage.first_after', 's', [(times[0]! - backAtMs) / 1_000]),
    figure('outage.through_after', 's', [throughSeconds]),
    figure('outage.at_the_limit', 's', [count / perSecond]),
  ]
}

function publishTo({ publisher }: Product, { id }: Tenant, eventType: string): Publish {
  return async (payloads) => {
    await Promise.all(payloads.map((payload) => publisher.publish(intakeSubject(id, eventType), payload)))
  }
}
