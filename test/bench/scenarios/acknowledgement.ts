import { createHttpProducer } from '../load/publish-over-http.ts'
import { publishPaced, type Pace } from '../load/publish-paced.ts'
import { summarize, warmUp, type PacedResult } from '../measure/run-paced.ts'
import { usageOf, usedBetween } from '../measure/usage.ts'
import { figure } from '../report/figure.ts'
import { render } from '../report/table.ts'
import type { Scenario } from './scenario.ts'

export const acknowledgement: Scenario = {
  name: 'acknowledgement',
  about: 'from when an event is due until POST /v1/events is answered, 1,000/s, paced',
  async run(bench) {
    const { receiver } = bench
    const pace = { perSecond: 1_000, count: bench.quick ? 2_000 : 8_000 }
    const jethook = await bench.jethook()
    await warmUp(bench, jethook)

    const publish = async ({ perSecond, count }: Pace): Promise<PacedResult & { producerShare: number }> => {
      const producer = createHttpProducer(jethook.services.ingest.url, jethook.tenants)
      const run = bench.nextRun()
      await receiver.begin({ run, events: count })
      const before = usageOf({ producer: [process.pid] })
      await publishPaced(producer.publish, run, { perSecond, count })
      const { producer: used } = usedBetween(before, usageOf({ producer: [process.pid] }))
      await producer.close()
      await receiver.received(count, 60_000)
      await jethook.settled(count)
      const sorted = Float64Array.from(producer.acknowledgements).toSorted()
      return { ...summarize(sorted), producerShare: (used?.cpuMs ?? 0) / ((count / perSecond) * 1_000) }
    }

    // What is compiled anew after the first thousands takes a core for 100 ms, too.
    await publish(bench.quick ? pace : { perSecond: 2_000, count: 20_000 })
    const results: Awaited<ReturnType<typeof publish>>[] = []
    for (let repetition = 0; repetition < (bench.quick ? 1 : 5); repetition++) {
      const result = await publish(pace)
      results.push(result)
      bench.say(`  p50 ${render(result.p50)} ms, p99 ${render(result.p99)} ms, max ${render(result.max)} ms`)
    }
    const of = (share: keyof PacedResult): number[] => results.map((result) => result[share])
    return [
      figure('acknowledgement.p50', 'ms', of('p50')),
      figure('acknowledgement.p99', 'ms', of('p99'), { atMost: 10 }),
      figure('acknowledgement.max', 'ms', of('max')),
      // Near one, the producer would be what is measured.
      figure(
        'acknowledgement.producer_cores',
        '',
        results.map(({ producerShare }) => producerShare),
      ),
    ]
  },
}
