import { afterEach, expect, test, vi } from 'vitest'
import { waitUntil } from './wait-until.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

test('it is over at that time, never before', async () => {
  const at = performance.now() + 3.3
  await waitUntil(at)
  expect(performance.now()).toBeGreaterThanOrEqual(at)
})

test('no timer is set for a time that passes while it is looked at', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
  let now = 1_000
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 0.01))
  for (const at of [999, 1_000.035, 1_000.065, 1_000.5]) {
    await waitUntil(at)
    expect(now).toBeGreaterThanOrEqual(at)
  }
  expect(warn).not.toHaveBeenCalled()
})
