import type { Bench } from '../bench.ts'
import { NoRedis } from '../contenders/redis.ts'
import type { Contender } from '../contenders/contender.ts'
import { runBurst, type BurstResult } from '../measure/run-burst.ts'
import { ratiosOf } from '../measure/statistics.ts'
import { sum } from '../measure/usage.ts'
import { figure, type Figure, type Goal } from '../report/figure.ts'
import { render } from '../report/table.ts'
import type { Scenario } from './scenario.ts'

/** Every event goes to one subscription: each delivery costs as much as it can. */
export const throughput: Scenario = {
  name: 'throughput',
  about: 'deliveries per second, CPU and bytes per delivery: bare, jethook, bullmq',
  run: (bench) => compare(bench, 1, ''),
}

/** Every event goes to several: what is done once per event is shared by them. */
export const throughputOfFour: Scenario = {
  name: 'throughput-of-4',
  about: 'the same, where each event has four subscriptions',
  run: (bench) => compare(bench, 4, 'of_4.'),
}

/** The goals are for two cores, and a process of Node has the use of one: there is a dispatcher for each. */
const cores = 2

/** The machine's limit, Jethook, and the alternatives, by turns. */
async function compare(bench: Bench, fanOut: number, prefix: string): Promise<Figure[]> {
  const repetitions = bench.quick ? 1 : 5
  const deliveries = bench.quick ? 5_000 : 20_000
  const ours = await bench.jethook({ fanOut, dispatchers: cores })
  const contenders: Contender[] = [await bench.bare({ fanOut }), await bench.bare({ fanOut, processes: cores }), ours]
  const before = await bench.before({ fanOut, dispatchers: cores })
  if (before) contenders.push(before)
  else contenders.push(...(await bullmqIfThereIsRedis(bench, fanOut)))
  const results = new Map(contenders.map(({ name }) => [name, [] as BurstResult[]]))
  // The first runs teach the JIT compilers; they do not count.
  let writtenBefore = 0
  for (let repetition = bench.quick ? 0 : -2; repetition < repetitions; repetition++) {
    if (repetition === 0) writtenBefore = await ours.databaseWrites()
    for (const contender of contenders) {
      const result = await runBurst(bench, contender, deliveries)
      if (repetition >= 0) results.get(contender.name)?.push(result)
      bench.say(
        `  ${contender.name}: ${render(result.deliveriesPerSecond)}/s, settled ${render(result.settledPerSecond)}/s`,
      )
    }
  }
  const databaseBytes = ((await ours.databaseWrites()) - writtenBefore) / (repetitions * deliveries)
  const ratios = (other: string, goal?: Goal): Figure[] => {
    const ratio = (what: 'deliveriesPerSecond' | 'settledPerSecond'): number[] => {
      const of = (name: string): number[] => (results.get(name) ?? []).map((result) => result[what])
      return ratiosOf(of('jethook'), of(other))
    }
    return [
      figure(`${prefix}jethook.ratio_to_${other}`, '', ratio('deliveriesPerSecond'), goal),
      figure(`${prefix}jethook.settled_ratio_to_${other}`, '', ratio('settledPerSecond')),
    ]
  }
  return [
    ...[...results].flatMap(([name, runs]) => figuresOf(`${prefix}${name}`, runs, deliveries)),
    // With `before` the server is shared, so what it wrote cannot be told apart.
    ...(before ? [] : [figure(`${prefix}jethook.bytes_written.postgres`, 'B', [databaseBytes])]),
    ...ratios('bare', { atLeast: 0.5 }),
    // As many processes as there are dispatchers: to compare, without a goal.
    ...ratios(`bare_${cores}`),
    ...(results.has('bullmq') ? ratios('bullmq', { atLeast: 2 }) : []),
  ]
}

async function bullmqIfThereIsRedis(bench: Bench, fanOut: number): Promise<Contender[]> {
  try {
    return [await bench.bullmq(fanOut)]
  } catch (error) {
    if (!(error instanceof NoRedis)) throw error
    bench.say(`  bullmq is skipped: ${error.message}`)
    return []
  }
}

function figuresOf(name: string, results: readonly BurstResult[], deliveries: number): Figure[] {
  const groups = Object.keys(results[0]?.usage ?? {})
  const of = (unit: string, what: string, valueOf: (result: BurstResult) => number): Figure =>
    figure(`${name}.${what}`, unit, results.map(valueOf))
  return [
    of('/s', 'deliveries_per_second', (result) => result.deliveriesPerSecond),
    of('/s', 'settled_per_second', (result) => result.settledPerSecond),
    of('µs', 'cpu_per_delivery.total', (result) => (sum(Object.values(result.usage)).cpuMs * 1_000) / deliveries),
    ...groups.map((group) =>
      of('µs', `cpu_per_delivery.${group}`, ({ usage }) => ((usage[group]?.cpuMs ?? 0) * 1_000) / deliveries),
    ),
    ...groups
      .filter((group) => group !== 'postgres' && results.some(({ usage }) => (usage[group]?.writtenBytes ?? 0) > 0))
      .map((group) => of('B', `bytes_written.${group}`, ({ usage }) => (usage[group]?.writtenBytes ?? 0) / deliveries)),
    of('', 'duplicates', ({ duplicates }) => duplicates),
    of('', 'deferrals', ({ deferrals }) => deferrals),
  ]
}
