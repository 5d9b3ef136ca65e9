import type { Attempt, CalendarEntry } from '@jethook/contracts'
import { createMetrics, type LineLog } from '@jethook/runtime'
import { expect, test, vi } from 'vitest'
import { createSignals } from './signals.ts'

const entry: CalendarEntry = {
  deliveryId: 'dlv_1',
  tenant: 'acme',
  subscriptionId: 'sub_1',
  eventId: 'evt_1',
  eventType: 'deposit.settled',
  eventSequence: 7,
  acceptedAt: 1_000,
  attempt: 1,
  retries: 0,
  trigger: 'event',
}
const attempt: Attempt = {
  id: 'att_1',
  number: 1,
  trigger: 'event',
  url: 'https://receiver.example/hooks/a?token=SECRET&b=?SECRET',
  startedAt: 1_000,
  durationMs: 5,
  requestHeaders: {},
  response: null,
  error: null,
}
const answered = (status: number): Attempt => ({
  ...attempt,
  response: { status, headers: {}, body: '', bodyTruncated: false },
})

function given() {
  const metrics = createMetrics()
  const log = vi.fn<LineLog>()
  const { attempted } = createSignals(metrics, log)
  return { metrics, log, attempted: (of: Attempt) => attempted(entry, of, { type: 'retry', at: 2_000 }) }
}

test('receivers cannot make labels: they tell the class of the status, the log line all of it', async () => {
  const { metrics, log, attempted } = given()
  for (const status of [404, 418, 499, 500, 599, 302, 999]) attempted(answered(status))
  attempted({ ...attempt, error: { code: 'timeout', message: '' } })
  const failed = await metrics.getSingleMetric('jethook_attempts_failed_total')?.get()
  expect(failed?.values.map(({ labels, value }) => [labels['reason'], value])).toEqual([
    ['http_4xx', 3],
    ['http_5xx', 2],
    ['http_3xx', 1],
    ['http_9xx', 1],
    ['timeout', 1],
  ])
  expect(log.mock.calls.map(([line]) => (line as { status?: number }).status)).toContain(418)
})

test('a log line tells origin and path of the URL, not its query', () => {
  const { log, attempted } = given()
  attempted(answered(500))
  expect(log).toHaveBeenCalledWith(
    expect.objectContaining({ url: 'https://receiver.example/hooks/a' }),
    'delivery.attempted',
  )
  expect(JSON.stringify(log.mock.calls)).not.toContain('SECRET')
})
