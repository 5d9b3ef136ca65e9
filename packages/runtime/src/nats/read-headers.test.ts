import { MsgHdrsImpl } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { WrittenHeaders } from './read-headers.ts'

test('headers are read as the client writes them', () => {
  const written = new MsgHdrsImpl()
  written.set('Nats-Msg-Id', 'Jethook-Event-Id: Twice:')
  written.set('Jethook-Event-Id-2', 'evt_2')
  written.set('Jethook-Event-Id', 'evt_1')
  written.set('tracestate', 'vendor=a:b,other=Žoë')
  written.append('Twice', 'first')
  written.append('Twice', 'second')
  written.set('Empty', '')
  written.set('Blanks', ' \t around \t')
  const headers = new WrittenHeaders(Buffer.from(written.encode()))
  expect(headers.get('Nats-Msg-Id')).toBe('Jethook-Event-Id: Twice:')
  expect(headers.get('Jethook-Event-Id-2')).toBe('evt_2')
  expect(headers.get('Jethook-Event-Id')).toBe('evt_1')
  expect(headers.get('tracestate')).toBe('vendor=a:b,other=Žoë')
  expect(headers.get('Twice')).toBe('first')
  expect(headers.get('Empty')).toBe('')
  expect(headers.get('Blanks')).toBe('around')
  expect(headers.get('Event-Id')).toBeUndefined()
  expect(headers.get('jethook-event-id')).toBeUndefined()
})

test.each(['', 'NATS/1.0', 'NATS/1.0\r\n\r\n', 'NATS/1.0 503\r\n\r\n', 'NATS/1.0\r\nno colon\r\n\r\n'])(
  'there are none in %j',
  (text) => {
    const headers = new WrittenHeaders(Buffer.from(text))
    for (const name of ['NATS/1.0', 'no colon', '503']) expect(headers.get(name)).toBeUndefined()
  },
)
