import { expect, test } from 'vitest'
import { writeEvent } from './write-event.ts'

test('the payload is shown byte for byte', () => {
  const payload = Buffer.from('{ "amount":12345678901234567890,  "name":"Žoë \\u00e9" }')
  const text = writeEvent({ id: 'evt_1', type: 'deposit.settled', acceptedAt: 0, payload }).toString()
  expect(text).toBe(
    `{"id":"evt_1","type":"deposit.settled","acceptedAt":"1970-01-01T00:00:00.000Z","payload":${payload.toString()}}`,
  )
  expect(JSON.parse(text)).toHaveProperty('payload.name', 'Žoë é')
})
