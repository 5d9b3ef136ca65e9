import { intakeSubject } from '@jethook/contracts'
import { waitFor } from '../../infrastructure/wait-for.ts'
import type { Bench } from '../bench.ts'
import type { Publish } from '../load/publish-burst.ts'
import { publishPaced } from '../load/publish-paced.ts'
import { latenciesOf } from '../measure/arrivals.ts'
import { percentile, ratiosOf } from '../measure/statistics.ts'
import { createTenant, forEach, type Tenant } from '../product/admin-api.ts'
import { eventTypes } from '../product/event-types.ts'
import type { Product } from '../product/product.ts'
import { Fate } from '../receiver/arrivals.ts'
import { figure } from '../report/figure.ts'
import { render } from '../report/table.ts'
import type { Scenario } from './scenario.ts'

const tenantCount = 10
const healthyTypes = eventTypes.slice(0, 10)
const hangingTypes = eventTypes.slice(10, 20)
/**
 * For the healthy half, and as much for the other half, whose events are published whether or not it is there: what is
 * measured is what hanging endpoints do to others, not twice the events. A fraction of what the machine can do.
 */
const perSecond = 500
/** The first tenant publishes ten times what each other one does. */
const turns = Array.from({ length: 19 }, (_, turn) => (turn % 2 === 0 ? 0 : (turn + 1) / 2))
const timeoutMs = 5_000

interface Measured {
  /** Deliveries to healthy subscriptions, while events were published. */
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

/** The same load for 100 healthy subscriptions, without others and beside 100 that hang, by turns. */
export const isolation: Scenario = {
  name: 'isolation',
  about: 'healthy subscriptions beside as many that hang, and a tenant that publishes ten times the others',
  async run(bench) {
    const { receiver } = bench
    const product = await bench.product()
    const tenants = await Promise.all(
      Array.from({ length: tenantCount }, (_, index) => createTenant(product.services, `tenant-${index}`)),
    )
    await forEach(tenants, async (tenant, index) => {
      for (const [type, eventType] of healthyTypes.entries())
        await tenant.subscribe({ url: receiver.url(index * 10 + type), events: [eventType], timeoutMs })
    })
    // So long that the breakers of those that hang open: after three time-outs in a row.
    const seconds = bench.quick ? 5 : 20
    // What is compiled anew after the first thousands takes a core for 100 ms.
    await measure(bench, product, bench.quick ? 2 : 20)
    await besideHanging(bench, product, tenants, () => measure(bench, product, seconds))

    const alone: Measured[] = []
    const beside: Measured[] = []
    // Of two p99s of one run each the ratio differs by a factor of two from one repetition to the next.
    for (let repetition = 0; repetition < (bench.quick ? 1 : 9); repetition++) {
      alone.push(await measure(bench, product, seconds))
      beside.push(await besideHanging(bench, product, tenants, () => measure(bench, product, seconds)))
      for (const [name, runs] of Object.entries({ alone, beside })) {
        const { perSecond: received = 0, p50 = 0, p99 = 0 } = runs.at(-1) ?? {}
        bench.say(`  ${name}: ${render(received)}/s, p50 ${render(p50)} ms, p99 ${render(p99)} ms`)
      }
    }
    const of = (runs: readonly Measured[], key: keyof Measured): number[] => runs.map((run) => run[key])
    const ratio = (key: keyof Measured): number[] => ratiosOf(of(beside, key), of(alone, key))
    return [
      figure('healthy.throughput_ratio', '', ratio('perSecond'), { atLeast: 0.9 }),
      figure('healthy.p99_ratio', '', ratio('p99'), { atMost: 1.5 }),
      figure('healthy.p50_ratio', '', ratio('p50')),
      ...Object.entries({ alone, beside }).flatMap(([name, runs]) => [
        figure(`healthy.${name}.deliveries_per_second`, '/s', of(runs, 'perSecond')),
        figure(`healthy.${name}.p50`, 'ms', of(runs, 'p50')),
        figure(`healthy.${name}.p99`, 'ms', of(runs, 'p99')),
      ]),
    ]
  },
}

/** Publishes for the healthy half, and with each event another one for the other half. */
async function measure({ receiver, nextRun }: Bench, product: Product, seconds: number): Promise<Measured> {
  const { publisher } = product
  const count = seconds * perSecond
  const run = nextRun()
  await receiver.begin({ run, events: count, record: true })
  const publish: Publish = async (payloads, first) => {
    await Promise.all(
      payloads.flatMap((payload, index) => {
        const number = first + index
        const tenant = `tenant-${turns[number % turns.length]}`
        const typesOf = (types: readonly string[]): string[] => types.slice(number % 10, (number % 10) + 1)
        return [...typesOf(healthyTypes), ...typesOf(hangingTypes)].map((type) =>
          publisher.publish(intakeSubject(tenant, type), payload),
        )
      }),
    )
  }
  await Promise.all([publishPaced(publish, run, { perSecond, count }), receiver.received(count, 120_000)])
  const { arrivals } = await receiver.report()
  const latencies = latenciesOf(arrivals)
  const start = arrivals.dueMs.reduce((least, dueMs) => Math.min(least, dueMs))
  const end = arrivals.dueMs.reduce((most, dueMs) => Math.max(most, dueMs))
  const inTime = arrivals.atMs.filter((atMs, index) => atMs <= end && arrivals.fate[index] === Fate.taken).length
  return {
    perSecond: (inTime / (end - start)) * 1_000,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  }
}

/** Their subscriptions are new each time and deleted afterwards, with what waits for them: nobody has learnt of them. */
async function besideHanging(
  { receiver }: Bench,
  product: Product,
  tenants: readonly Tenant[],
  work: () => Promise<Measured>,
): Promise<Measured> {
  const subscribed: [Tenant, string][] = []
  await forEach(tenants, async (tenant, index) => {
    for (const [type, eventType] of hangingTypes.entries()) {
      const url = receiver.url(100 + index * 10 + type, 'hang')
      subscribed.push([tenant, await tenant.subscribe({ url, events: [eventType], timeoutMs })])
    }
  })
  const result = await work()
  await forEach(subscribed, ([tenant, id]) => tenant.unsubscribe(id))
  await waitFor(async () => (await product.metric('dispatcher', 'jethook_attempts_in_flight')) === 0, {
    what: 'the last attempts to time out',
    timeoutMs: 60_000,
    intervalMs: 200,
  })
  await product.dispatched()
  return result
}
