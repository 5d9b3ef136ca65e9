import type { Bench } from '../bench.ts'
import type { Jethook } from '../contenders/jethook.ts'
import { runBurst } from '../measure/run-burst.ts'
import { runPaced, warmUp } from '../measure/run-paced.ts'
import { ratiosOf } from '../measure/statistics.ts'
import { sum } from '../measure/usage.ts'
import { prepareWaiting } from '../product/fill-calendar.ts'
import { figure, type Figure, type Goal } from '../report/figure.ts'
import { render } from '../report/table.ts'
import type { Scenario } from './scenario.ts'

interface Measured {
  readonly settledPerSecond: number
  readonly cpuPerDelivery: number
  readonly p50: number
  readonly p99: number
}

const hour = 3_600_000

/** The same work with little, with many subscriptions, and with a full calendar, by turns. */
export const scale: Scenario = {
  name: 'scale',
  about: 'throughput and latency with 10,000 subscriptions, and with 200,000 entries in the calendar',
  async run(bench) {
    const settings = [
      await bench.jethook({ name: 'few' }),
      await startWithMany(bench),
      await startWithPending(bench, bench.quick ? 20_000 : 200_000),
    ]
    const results = new Map(settings.map(({ name }) => [name, [] as Measured[]]))
    for (const jethook of settings) await warmUp(bench, jethook)
    for (let repetition = 0; repetition < (bench.quick ? 1 : 5); repetition++) {
      for (const jethook of settings) {
        const result = await measure(bench, jethook)
        results.get(jethook.name)?.push(result)
        const { settledPerSecond, cpuPerDelivery, p50, p99 } = result
        bench.say(
          `  ${jethook.name}: settled ${render(settledPerSecond)}/s, ${render(cpuPerDelivery)} µs each, p50 ${render(p50)} ms, p99 ${render(p99)} ms`,
        )
      }
    }
    return [...results].flatMap(([name, runs]) => [
      ...figuresOf(name, runs),
      ...(name === 'few' ? [] : comparisons(name, runs, results.get('few') ?? [])),
    ])
  },
}

/** 10,000 subscriptions: half of them spread over 250 tenants, half in one more. */
async function startWithMany(bench: Bench): Promise<Jethook> {
  const [tenants, inOneTenant] = bench.quick ? [50, 1_000] : [250, 5_000]
  const startedAt = performance.now()
  const jethook = await bench.jethook({ name: 'many', tenants, inOneTenant })
  bench.say(`  subscribed after ${render((performance.now() - startedAt) / 1_000)} s`)
  return jethook
}

async function startWithPending(bench: Bench, deliveries: number): Promise<Jethook> {
  const jethook = await bench.jethook({ name: 'pending' })
  const startedAt = performance.now()
  const waiting = await prepareWaiting(jethook, bench.receiver, { run: bench.nextRun(), deliveries })
  const later = Date.now() + 6 * hour
  await waiting.schedule(0, deliveries, (delivery) => later + (delivery / deliveries) * hour)
  jethook.leaveInCalendar(deliveries)
  bench.say(`  ${render(deliveries)} pending after ${render((performance.now() - startedAt) / 1_000)} s`)
  return jethook
}

async function measure(bench: Bench, jethook: Jethook): Promise<Measured> {
  const events = bench.quick ? 5_000 : 20_000
  const { settledPerSecond, usage } = await runBurst(bench, jethook, events)
  const { p50, p99 } = await runPaced(bench, jethook, { perSecond: 1_000, count: bench.quick ? 2_000 : 6_000 })
  return { settledPerSecond, cpuPerDelivery: (sum(Object.values(usage)).cpuMs * 1_000) / events, p50, p99 }
}

const shown = {
  settledPerSecond: ['settled_per_second', '/s', { atLeast: 0.8 }],
  cpuPerDelivery: ['cpu_per_delivery', 'µs', { atMost: 1.2 }],
  p50: ['publish_to_receiver.p50', 'ms', { atMost: 1.2 }],
  p99: ['publish_to_receiver.p99', 'ms', { atMost: 1.2 }],
} as const satisfies Record<keyof Measured, readonly [name: string, unit: string, goalOfRatio: Goal]>

const keys = Object.keys(shown) as (keyof Measured)[]

function figuresOf(name: string, runs: readonly Measured[]): Figure[] {
  return keys.map((key) => {
    const [what, unit] = shown[key]
    return figure(
      `scale.${name}.${what}`,
      unit,
      runs.map((run) => run[key]),
    )
  })
}

function comparisons(name: string, runs: readonly Measured[], few: readonly Measured[]): Figure[] {
  return keys.map((key) => {
    const [what, , goal] = shown[key]
    const ratios = ratiosOf(
      runs.map((run) => run[key]),
      few.map((run) => run[key]),
    )
    return figure(`scale.${name}.${what}_ratio`, '', ratios, goal)
  })
}
