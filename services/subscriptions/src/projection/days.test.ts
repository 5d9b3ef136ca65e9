import { expect, test } from 'vitest'
import { dayAfter, dayOf, dayOfPartition, nameOfDay, partitionName } from './days.ts'

test.each([
  ['2026-11-21T00:00:00.000Z', '2026-11-21'],
  ['2026-11-21T23:59:59.999Z', '2026-11-21'],
  ['2024-02-29T12:00:00.000Z', '2024-02-29'],
  ['1969-12-31T23:59:59.999Z', '1969-12-31'],
])('%s lies in the day %s', (time, day) => {
  expect(nameOfDay(dayOf(Date.parse(time)))).toBe(day)
})

test('the day after a day begins when it ends', () => {
  expect(nameOfDay(dayAfter(Date.parse('2024-02-28')))).toBe('2024-02-29')
})

test('a partition is found by its name', () => {
  const day = Date.parse('2026-11-21')
  expect(partitionName('rejected_events', day)).toBe('rejected_events_20261121')
  expect(dayOfPartition('rejected_events', 'rejected_events_20261121')).toBe(day)
  expect(dayOfPartition('events', 'rejected_events_20261121')).toBeUndefined()
  expect(dayOfPartition('events', 'events_default')).toBeUndefined()
})
