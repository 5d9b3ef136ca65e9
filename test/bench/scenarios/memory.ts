import { intakeSubject } from '@jethook/contracts'
import { publishBurst } from '../load/publish-burst.ts'
import { sampleDuring } from '../measure/sample.ts'
import { residentBytesOf } from '../measure/usage.ts'
import { createTenant, forEach } from '../product/admin-api.ts'
import { eventTypes } from '../product/event-types.ts'
import { figure } from '../report/figure.ts'
import { render } from '../report/table.ts'
import type { Scenario } from './scenario.ts'

const tenants = 120
/** Just quick enough not to be a slow endpoint, of which a third of MAX_IN_FLIGHT is the most. */
const answerAfterMs = 1_500
const inFlight = 2_000
const megabyte = 1_000_000

/**
 * 2,400 endpoints that answer after 1.5 s. Each is given one attempt at first, few more later as it answers slowly; so it
 * takes that many to have 2,000 attempts in flight with default settings.
 */
export const memory: Scenario = {
  name: 'memory',
  about: 'memory of the dispatcher with 2,000 attempts in flight',
  async run(bench) {
    const { receiver } = bench
    const events = bench.quick ? 15_000 : 40_000
    const product = await bench.product()
    const subjects: string[] = []
    await forEach(Array.from({ length: tenants }), async (_, index) => {
      const tenant = await createTenant(product.services, `tenant-${index}`)
      for (const [type, eventType] of eventTypes.entries()) {
        await tenant.subscribe({ url: receiver.url(index * eventTypes.length + type, 'late'), events: [eventType] })
        subjects.push(intakeSubject(tenant.id, eventType))
      }
    })
    const pid = product.services.dispatcher.pid ?? 0
    const idle = residentBytesOf(pid) / megabyte

    const run = bench.nextRun()
    await receiver.begin({ run, events, lateMs: answerAfterMs })
    const publish = async (payloads: readonly Buffer[], first: number): Promise<void> => {
      const subjectOf = (number: number): string => subjects[number % subjects.length] ?? ''
      await Promise.all(payloads.map((payload, index) => product.publisher.publish(subjectOf(first + index), payload)))
    }
    const all = Promise.all([publishBurst(publish, run, events), receiver.received(events, 180_000)])
    const samples = await sampleDuring(all, 250, async () => ({
      attempts: await product.metric('dispatcher', 'jethook_attempts_in_flight'),
      resident: residentBytesOf(pid) / megabyte,
    }))
    await all
    const full = samples.filter(({ attempts }) => attempts >= inFlight).map(({ resident }) => resident)
    const most = Math.max(...samples.map(({ attempts }) => attempts))
    const peak = Math.max(...samples.map(({ resident }) => resident))
    if (full.length === 0) throw new Error(`There were never ${inFlight} attempts in flight, but ${most} at most.`)
    bench.say(`  ${most} in flight, ${render(Math.max(...full))} MB then, ${render(peak)} MB at most`)
    return [
      figure('memory.attempts_in_flight', '', [most], { atLeast: inFlight }),
      figure('memory.samples_at_2000', '', [full.length]),
      figure('memory.dispatcher_at_2000', 'MB', [Math.max(...full)], { atMost: 300 }),
      figure('memory.dispatcher_peak', 'MB', [peak]),
      figure('memory.dispatcher_idle', 'MB', [idle]),
    ]
  },
}
