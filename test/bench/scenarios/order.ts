import { intakeSubject, StreamName } from '@jethook/contracts'
import { publishBurst, type Publish } from '../load/publish-burst.ts'
import { numberOf } from '../load/payload.ts'
import { countInversions } from '../measure/arrivals.ts'
import { createTenant } from '../product/admin-api.ts'
import { eventTypes } from '../product/event-types.ts'
import type { Product } from '../product/product.ts'
import { Fate } from '../receiver/arrivals.ts'
import { figure } from '../report/figure.ts'
import { render } from '../report/table.ts'
import type { Scenario } from './scenario.ts'

const tenantCount = 10
const perTenant = 20
const subscriptions = tenantCount * perTenant
const failedShare = 0.2
const retryScheduleMs = Array.from({ length: 20 }, () => 100)

/** Two hundred ordered subscriptions whose endpoints fail at random, and a dispatcher that is killed twice meanwhile. */
export const order: Scenario = {
  name: 'order',
  about: '10,000 events in order, one in five attempts failing, the dispatcher killed twice',
  async run(bench) {
    const { receiver } = bench
    const events = bench.quick ? 1_000 : 10_000
    const product = await bench.product()
    const { dispatcher } = product.services
    for (let index = 0; index < tenantCount; index++) {
      const tenant = await createTenant(product.services, `tenant-${index}`)
      for (let type = 0; type < perTenant; type++) {
        const url = receiver.url(index * perTenant + type, 'flaky')
        await tenant.subscribe({ url, events: [eventTypes[type] ?? ''], ordered: true, retryScheduleMs })
      }
    }
    const run = bench.nextRun()
    await receiver.begin({ run, events, failedShare, record: true })
    const startedAt = performance.now()
    const publish: Publish = async (payloads, first) => {
      await Promise.all(
        payloads.map((payload, index) => {
          const endpoint = (first + index) % subscriptions
          const type = eventTypes[endpoint % perTenant] ?? ''
          const subject = intakeSubject(`tenant-${Math.floor(endpoint / perTenant)}`, type)
          return product.publisher.publish(subject, payload)
        }),
      )
    }
    await publishBurst(publish, run, events)
    for (const share of [1 / 3, 2 / 3]) {
      await receiver.received(Math.round(events * share), 300_000)
      await dispatcher.kill('SIGKILL')
      bench.say(`  killed after ${render((performance.now() - startedAt) / 1_000)} s`)
      await dispatcher.start()
    }
    await receiver.received(events, 300_000)
    const seconds = (performance.now() - startedAt) / 1_000
    const { arrivals, received, duplicates } = await receiver.report()
    const inversions = countInversions(arrivals, await acceptedOrder(product))
    const refused = arrivals.fate.filter((fate) => fate === Fate.refused).length
    bench.say(`  ${inversions} inversions, ${duplicates} repeated, all through after ${render(seconds)} s`)
    return [
      figure('order.inversions', '', [inversions], { atMost: 0 }),
      figure('order.missing', '', [events - received], { atMost: 0 }),
      figure('order.failed_share', '', [refused / arrivals.fate.length]),
      figure('order.repeated', '', [duplicates]),
      figure('order.seconds', 's', [seconds]),
    ]
  },
}

/** The events of each endpoint in the order in which EVENTS has them. */
async function acceptedOrder({ jetstream, manager }: Product): Promise<Map<number, number[]>> {
  const { state } = await manager.streams.info(StreamName.events)
  const consumer = await jetstream.consumers.get(StreamName.events)
  const orderOf = new Map<number, number[]>()
  for await (const message of await consumer.consume()) {
    const number = numberOf(message.data)
    const endpoint = number % subscriptions
    const events = orderOf.get(endpoint)
    if (events) events.push(number)
    else orderOf.set(endpoint, [number])
    if (message.seq === state.last_seq) break
  }
  return orderOf
}
