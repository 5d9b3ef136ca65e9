import { writeFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { openBench } from './bench.ts'
import { collectSeldom } from './measure/collect-seldom.ts'
import { isMet, type Figure } from './report/figure.ts'
import { render, renderTable } from './report/table.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { acknowledgement } from './scenarios/acknowledgement.ts'
import { fanout } from './scenarios/fanout.ts'
import { isolation } from './scenarios/isolation.ts'
import { latency } from './scenarios/latency.ts'
import { memory } from './scenarios/memory.ts'
import { scale } from './scenarios/scale.ts'
import { order } from './scenarios/order.ts'
import { outage } from './scenarios/outage.ts'
import { retries } from './scenarios/retries.ts'
import { throughput, throughputOfFour } from './scenarios/throughput.ts'
import { tracing } from './scenarios/tracing.ts'

/** `npm run bench -- [scenario …] [--quick] [--json FILE] [--profile FOLDER]`; see README.md. */
const scenarios: readonly Scenario[] = [
  throughput,
  throughputOfFour,
  latency,
  acknowledgement,
  fanout,
  scale,
  memory,
  tracing,
  isolation,
  order,
  retries,
  outage,
]

for (const argument of collectSeldom) setFlagsFromString(argument)

const { values, positionals } = parseArgs({
  // `node run.mjs bench -- …` hands the dashes on, npm does not.
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  allowPositionals: true,
  options: {
    quick: { type: 'boolean' },
    json: { type: 'string' },
    profile: { type: 'string' },
    node: { type: 'string' },
    against: { type: 'string' },
  },
})
const unknown = positionals.filter((name) => scenarios.every((scenario) => scenario.name !== name))
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. Scenarios are\n${scenarios.map(describe).join('\n')}`)
  process.exit(2)
}
const wanted = scenarios.filter(({ name }) => positionals.length === 0 || positionals.includes(name))

const bench = await openBench({
  quick: values.quick ?? false,
  profileFolder: values.profile,
  nodeArguments: values.node?.split(' ') ?? [],
  against: values.against,
})
const figures: Figure[] = []
const failed: string[] = []
/** Scenarios during which this process, which has little to do, stood still for long: others had the machine. */
const disturbed: string[] = []
const longestPauseMs = 1_000
const pauses = monitorEventLoopDelay()
pauses.enable()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) process.on(signal, () => process.exit(130))
for (const scenario of wanted) {
  bench.say(`${scenario.name}: ${scenario.about}`)
  pauses.reset()
  try {
    figures.push(...(await scenario.run(bench)))
  } catch (error) {
    // What the others show is worth knowing all the same.
    failed.push(scenario.name)
    console.error(error)
  }
  const pauseMs = pauses.max / 1e6
  if (pauseMs > longestPauseMs) {
    disturbed.push(scenario.name)
    bench.say(`  disturbed: the bench itself stood still for ${render(pauseMs)} ms`)
  }
  await bench.endScenario()
}
await bench.stop()
console.log(renderTable(figures))
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(resultDocument(), undefined, 2)}\n`)
process.exit(failed.length > 0 ? 1 : 0)

function resultDocument(): unknown {
  const [cpu] = cpus()
  return {
    at: new Date().toISOString(),
    machine: {
      cpus: cpus().length,
      model: cpu?.model,
      system: `${process.platform} ${release()}`,
      node: process.version,
    },
    quick: values.quick ?? false,
    failed,
    disturbed,
    figures: Object.fromEntries(
      figures.map(({ name, ...figure }) => [name, { ...figure, met: isMet({ name, ...figure }) }]),
    ),
  }
}

function describe({ name, about }: Scenario): string {
  return `  ${name}: ${about}`
}
