import { runPaced, warmUp, type PacedResult } from '../measure/run-paced.ts'
import { figure } from '../report/figure.ts'
import { render } from '../report/table.ts'
import type { Scenario } from './scenario.ts'

export const latency: Scenario = {
  name: 'latency',
  about: 'publish-to-receiver at 1,000 events/s, paced: bare, jethook',
  async run(bench) {
    const pace = { perSecond: 1_000, count: bench.quick ? 2_000 : 8_000 }
    const contenders = [await bench.bare(), await bench.jethook()]
    const results = new Map(contenders.map(({ name }) => [name, [] as PacedResult[]]))
    for (const contender of contenders) await warmUp(bench, contender)
    for (let repetition = 0; repetition < (bench.quick ? 1 : 3); repetition++) {
      for (const contender of contenders) {
        const result = await runPaced(bench, contender, pace)
        results.get(contender.name)?.push(result)
        bench.say(
          `  ${contender.name}: p50 ${render(result.p50)} ms, p99 ${render(result.p99)} ms, max ${render(result.max)} ms`,
        )
      }
    }
    const goals = { jethook: { p50: { atMost: 3 }, p99: { atMost: 15 } } } as const
    return [...results].flatMap(([name, runs]) =>
      (['p50', 'p99', 'max'] as const).map((share) =>
        figure(
          `${name}.publish_to_receiver.${share}`,
          'ms',
          runs.map((run) => run[share]),
          (goals as Record<string, Partial<Record<string, { atMost: number }>>>)[name]?.[share],
        ),
      ),
    )
  },
}
