import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { createLineLog } from './line-log.ts'

function given(level: string) {
  const written: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk))
      done()
    },
  })
  return { written, logger: pino({ level, base: { service: 'dispatcher' } }, stream) }
}

test('a line has the fields, the time and what every line of the process has', async () => {
  const { written, logger } = given('info')
  createLineLog(logger)({ url: 'https://example.com/"', status: 200, error: undefined }, 'delivery.attempted')
  await vi.waitUntil(() => written.length > 0)
  expect(JSON.parse(written.join(''))).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    service: 'dispatcher',
    url: 'https://example.com/"',
    status: 200,
    msg: 'delivery.attempted',
  })
})

test('many lines go out together, each whole', async () => {
  const { written, logger } = given('debug')
  const log = createLineLog(logger)
  for (let number = 0; number < 1_000; number++) log({ number }, 'delivery.attempted')
  await vi.waitUntil(() => written.join('').split('\n').length > 1_000)
  expect(written.length).toBeLessThan(20)
  expect(JSON.parse(written.join('').split('\n')[999] ?? '')).toMatchObject({ number: 999 })
})

test('nothing is written below the level', async () => {
  const { written, logger } = given('warn')
  createLineLog(logger)({}, 'delivery.attempted')
  process.emit('exit', 0)
  expect(written).toEqual([])
})
