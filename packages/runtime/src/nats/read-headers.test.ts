import { MsgHdrsImpl } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { parseHeaders } from './read-headers.ts'

test('headers are read as the client writes them', () => {
  const written = new MsgHdrsImpl()
  written.set('Jethook-Event-Id', 'evt_1')
  written.set('tracestate', 'vendor=a:b,other=Žoë')
  written.append('Twice', 'first')
  written.append('Twice', 'second')
  expect([...parseHeaders(Buffer.from(written.encode()).toString('utf8'))]).toEqual([
    ['Jethook-Event-Id', 'evt_1'],
    ['tracestate', 'vendor=a:b,other=Žoë'],
    ['Twice', 'first'],
  ])
})

test.each(['', 'NATS/1.0', 'NATS/1.0\r\n\r\n', 'NATS/1.0 503\r\n\r\n', 'NATS/1.0\r\nno colon\r\n\r\n'])(
  'there are none in %j',
  (text) => {
    expect(parseHeaders(text).size).toBe(0)
  },
)
