import { runBurst, type BurstResult } from '../measure/run-burst.ts'
import { ratiosOf } from '../measure/statistics.ts'
import { sum } from '../measure/usage.ts'
import { figure } from '../report/figure.ts'
import { render } from '../report/table.ts'
import { startTraceSink } from '../traces/sink.ts'
import type { Scenario } from './scenario.ts'

export const tracing: Scenario = {
  name: 'tracing',
  about: 'throughput and CPU without traces and with traces of 1 %, by turns',
  async run(bench) {
    const repetitions = bench.quick ? 1 : 3
    const events = bench.quick ? 5_000 : 20_000
    const sink = await startTraceSink()
    try {
      const contenders = [
        await bench.jethook({ name: 'off' }),
        await bench.jethook({
          name: 'on',
          env: {
            OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
            OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
            OTEL_TRACES_SAMPLER_ARG: '0.01',
          },
        }),
      ]
      const results: Record<string, BurstResult[]> = { off: [], on: [] }
      for (let repetition = bench.quick ? 0 : -1; repetition < repetitions; repetition++) {
        for (const contender of contenders) {
          const result = await runBurst(bench, contender, events)
          if (repetition >= 0) results[contender.name]?.push(result)
          bench.say(`  traces ${contender.name}: settled ${render(result.settledPerSecond)}/s`)
        }
      }
      const { off = [], on = [] } = results
      const perSecond = (runs: readonly BurstResult[]): number[] => runs.map((run) => run.settledPerSecond)
      const cpu = (runs: readonly BurstResult[]): number[] =>
        runs.map(({ usage }) => (sum(Object.values(usage)).cpuMs * 1_000) / events)
      await contenders[1]?.stop()
      const bytes = await sink.received()
      if (bytes === 0) throw new Error('No traces were exported.')
      return [
        figure('tracing.off.settled_per_second', '/s', perSecond(off)),
        figure('tracing.on.settled_per_second', '/s', perSecond(on)),
        figure('tracing.settled_per_second_ratio', '', ratiosOf(perSecond(on), perSecond(off))),
        figure('tracing.off.cpu_per_delivery', 'µs', cpu(off)),
        figure('tracing.on.cpu_per_delivery', 'µs', cpu(on)),
        figure('tracing.cpu_per_delivery_ratio', '', ratiosOf(cpu(on), cpu(off))),
        figure('tracing.exported', 'B', [bytes]),
      ]
    } finally {
      await sink.stop()
    }
  },
}
