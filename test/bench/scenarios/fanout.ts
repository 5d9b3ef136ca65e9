import { intakeSubject } from '@jethook/contracts'
import { createPayload } from '../load/payload.ts'
import { monotonicMs } from '../measure/monotonic.ts'
import { createTenant, forEach } from '../product/admin-api.ts'
import { figure } from '../report/figure.ts'
import { render } from '../report/table.ts'
import type { Scenario } from './scenario.ts'

const subscriptions = 1_000
const eventType = 'deposit.settled'
/** Until then the code is not yet what the JIT compilers make of it. */
const warmUps = 5

export const fanout: Scenario = {
  name: 'fanout',
  about: 'one event to 1,000 subscriptions, from publishing to the last receipt',
  async run(bench) {
    const { receiver } = bench
    const product = await bench.product()
    const tenant = await createTenant(product.services, 'wide')
    await forEach(Array.from({ length: subscriptions }), (_, index) =>
      tenant.subscribe({ url: receiver.url(index), events: [eventType] }),
    )

    const publishOne = async (): Promise<{ completeMs: number; firstMs: number }> => {
      const run = bench.nextRun()
      await receiver.begin({ run, events: 1, fanOut: subscriptions })
      const startedAt = monotonicMs()
      await product.publisher.publish(intakeSubject(tenant.id, eventType), createPayload(run, 0, startedAt))
      await receiver.received(subscriptions, 60_000)
      const { firstAtMs, lastAtMs } = await receiver.report()
      await product.settled(subscriptions)
      return { completeMs: lastAtMs - startedAt, firstMs: firstAtMs - startedAt }
    }

    for (let time = 0; time < (bench.quick ? 1 : warmUps); time++) await publishOne()
    const results: Awaited<ReturnType<typeof publishOne>>[] = []
    for (let time = 0; time < (bench.quick ? 3 : 15); time++) results.push(await publishOne())
    const complete = figure(
      'fanout.complete',
      'ms',
      results.map(({ completeMs }) => completeMs),
      { atMost: 500 },
    )
    bench.say(`  complete after ${render(complete.median)} ms (${render(complete.min)} to ${render(complete.max)})`)
    return [
      complete,
      figure(
        'fanout.first',
        'ms',
        results.map(({ firstMs }) => firstMs),
      ),
    ]
  },
}
