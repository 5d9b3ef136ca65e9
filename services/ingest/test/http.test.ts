import type { AcceptedEvent, BatchResult, Problem, Role } from '@jethook/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startIngest, type Fixture } from './start-ingest.ts'

let ingest: Fixture
let tenant: string
let key: string

beforeAll(async () => {
  ingest = await startIngest()
  tenant = await ingest.createTenant()
  key = await ingest.createKey(tenant)
})
afterAll(() => ingest.dispose())

async function accepted(response: Promise<Response>): Promise<AcceptedEvent> {
  const answer = await response
  expect(answer.status).toBe(202)
  return (await answer.json()) as AcceptedEvent
}

async function problem(response: Promise<Response>): Promise<Problem> {
  const answer = await response
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  const document = (await answer.json()) as Problem
  expect(document.status).toBe(answer.status)
  return document
}

async function storedPayload(id: string): Promise<string | undefined> {
  return (await ingest.stored('events', tenant)).find((event) => event.id === id)?.payload
}

test('an accepted event is in EVENTS when the answer comes', async () => {
  const event = await accepted(
    ingest.post('/v1/events', key, '{"type":"deposit.settled","user":"user_91","payload":{"n":1}}', {
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      tracestate: 'a=1',
    }),
  )
  expect(event).toEqual({
    id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
    type: 'deposit.settled',
    acceptedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    duplicate: false,
  })
  const stored = (await ingest.stored('events', tenant)).find(({ id }) => id === event.id)
  expect(stored).toMatchObject({ type: 'deposit.settled', payload: '{"n":1}' })
  expect(stored?.header('Jethook-Accepted-At')).toBe(String(Date.parse(event.acceptedAt)))
  expect(stored?.header('Jethook-User')).toBe('user_91')
  expect([stored?.header('traceparent'), stored?.header('tracestate')]).toEqual([
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    'a=1',
  ])
})

test.each([
  ['odd spacing', '{ "amount" :\t10.00 ,\r\n\n"x":[ ] }'],
  ['large numbers', '{"id":12345678901234567890,"e":1E400,"z":-0.0}'],
  ['unicode, written plainly and with escapes', String.raw`{"é":"😀 \ud83d\ude00 \u00e9 \/"}`],
  ['a bare null', 'null'],
])('a payload reaches EVENTS byte for byte: %s', async (_what, payload) => {
  const one = await accepted(ingest.post('/v1/events', key, `{ "payload" : ${payload} , "type":"deposit.settled" }`))
  expect(await storedPayload(one.id)).toBe(payload)

  const batch = `{"events":[{"type":"deposit.settled","payload":1}, {"payload":${payload},"type":"deposit.settled"} ]}`
  const { results } = (await (await ingest.post('/v1/events/batch', key, batch)).json()) as BatchResult
  const second = results[1]
  expect(second?.status === 'accepted' && (await storedPayload(second.event.id))).toBe(payload)
})

test('the same id again gets the first answer, whatever else it says', async () => {
  const body = (type: string, n: number): string => `{"id":"order-1","type":"${type}","payload":${n}}`
  const first = await accepted(ingest.post('/v1/events', key, body('deposit.settled', 1)))
  const again = await accepted(ingest.post('/v1/events', key, body('deposit.failed', 2)))
  expect(first).toMatchObject({ id: 'order-1', duplicate: false })
  expect(again).toEqual({ ...first, duplicate: true })
  expect((await ingest.stored('events', tenant)).filter(({ id }) => id === 'order-1')).toMatchObject([{ payload: '1' }])
})

test('an id that came by NATS first is known over HTTP', async () => {
  await ingest.publish(tenant, 'trader.created', '{"by":"nats"}', { 'Nats-Msg-Id': 'trader-1' })
  await ingest.waitForIntake()
  const answer = await accepted(
    ingest.post('/v1/events', key, '{"id":"trader-1","type":"deposit.settled","payload":1}'),
  )
  expect(answer).toMatchObject({ id: 'trader-1', type: 'trader.created', duplicate: true })
})

test('the same id many times at once is one event and one answer', async () => {
  const body = '{"id":"order-2","type":"deposit.settled","payload":{}}'
  const answers = await Promise.all(Array.from({ length: 30 }, () => accepted(ingest.post('/v1/events', key, body))))
  expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
  expect(new Set(answers.map(({ acceptedAt }) => acceptedAt))).toHaveProperty('size', 1)
  expect((await ingest.stored('events', tenant)).filter(({ id }) => id === 'order-2')).toHaveLength(1)
})

test('a batch has a result per item, in order, and one bad item does not fail the others', async () => {
  const events = [
    { type: 'deposit.settled', id: 'batch-1', payload: 1 },
    { type: 'deposit.lost', payload: 2 },
    { type: 'deposit.settled' },
    { type: 'a b', payload: 4 },
    'not an event',
    { type: 'deposit.settled', id: 'batch-1', payload: 6 },
    { type: 'deposit.settled', payload: 'x'.repeat(262_143) },
    { type: 'trader.created', payload: 8 },
  ]
  const response = await ingest.post('/v1/events/batch', key, JSON.stringify({ events }))
  expect(response.status).toBe(200)
  const { results } = (await response.json()) as BatchResult
  expect(results.map((one) => (one.status === 'accepted' ? one.event.duplicate : one.problem.code))).toEqual([
    false,
    'unknown_event_type',
    'invalid_request',
    'invalid_event_type',
    'invalid_request',
    true,
    'payload_too_large',
    false,
  ])
  expect(results.map((one) => (one.status === 'rejected' ? one.problem.errors?.[0]?.field : undefined))).toEqual([
    undefined,
    'events[1].type',
    'events[2].payload',
    'events[3].type',
    'events[4]',
    undefined,
    'events[6].payload',
    undefined,
  ])
})

test('a batch of 500 is accepted', async () => {
  const events = Array.from({ length: 500 }, (_, n) => ({ type: 'position.updated', id: `many-${n}`, payload: { n } }))
  const response = await ingest.post('/v1/events/batch', key, JSON.stringify({ events }))
  const { results } = (await response.json()) as BatchResult
  expect(results.map((one) => one.status === 'accepted' && one.event.id)).toEqual(events.map(({ id }) => id))
})

test.each([
  ['no body', '', 400, 'invalid_json'],
  ['broken JSON', '{"type":', 400, 'invalid_json'],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400, 'invalid_json'],
  ['a field missing', '{"type":"deposit.settled"}', 422, 'invalid_request', 'payload'],
  ['a field of the wrong kind', '{"type":7,"payload":1}', 422, 'invalid_request', 'type'],
  ['a field too many', '{"type":"deposit.settled","payload":1,"tenant":"x"}', 422, 'invalid_request', 'tenant'],
  ['a type that is not well formed', '{"type":"a b","payload":1}', 422, 'invalid_event_type', 'type'],
  ['a type that is not in the catalogue', '{"type":"deposit.lost","payload":1}', 422, 'unknown_event_type', 'type'],
  ['an id that is not well formed', '{"type":"deposit.settled","id":"a b","payload":1}', 422, 'invalid_event_id', 'id'],
  [
    'a payload over the limit',
    `{"type":"deposit.settled","payload":"${'x'.repeat(262_143)}"}`,
    413,
    'payload_too_large',
    'payload',
  ],
  ['a body of 2 MB', `{"type":"deposit.settled","payload":"${'x'.repeat(2_000_000)}"}`, 413, 'payload_too_large'],
] as const)('%s is refused', async (_what, body, status, code, field?: string) => {
  const answer = await problem(ingest.post('/v1/events', key, body))
  expect([answer.status, answer.code, answer.errors?.[0]?.field]).toEqual([status, code, field])
})

test('a payload over the limit is told the limit and its size', async () => {
  const body = `{"type":"deposit.settled","payload":"${'x'.repeat(262_143)}"}`
  expect((await problem(ingest.post('/v1/events', key, body))).detail).toMatch(/262145 bytes; at most 262144/)
})

test.each(['text/plain', 'application/x-www-form-urlencoded'])('a body as %s is refused', async (type) => {
  const answer = await problem(ingest.post('/v1/events', key, '{}', { 'content-type': type }))
  expect(answer.code).toBe('unsupported_media_type')
})

test.each([
  ['no key', (): string => '', 401, 'invalid_api_key'],
  ['an unknown key', (): string => 'lum_live_unknown', 401, 'invalid_api_key'],
  ['a key for support', (): Promise<string> => ingest.createKey(tenant, 'support'), 403, 'forbidden'],
] as const)('with %s nothing is published, nor the body looked at', async (_what, makeKey, status, code) => {
  const answer = await problem(ingest.post('/v1/events', await makeKey(), '{broken'))
  expect([answer.status, answer.code]).toEqual([status, code])
})

test.each(['publisher', 'admin'] satisfies Role[])(
  'a key made a moment ago with the role %s publishes',
  async (role) => {
    const fresh = await ingest.createKey(tenant, role)
    await accepted(ingest.post('/v1/events', fresh, '{"type":"deposit.settled","payload":1}'))
  },
)

test('a key may come as a bearer token', async () => {
  const headers = { authorization: `Bearer ${key}` }
  await accepted(ingest.post('/v1/events', '', '{"type":"deposit.settled","payload":1}', headers))
})

test('an event belongs to the tenant of the key', async () => {
  const other = await ingest.createTenant()
  await accepted(
    ingest.post('/v1/events', await ingest.createKey(other), '{"type":"deposit.settled","payload":"theirs"}'),
  )
  expect(await ingest.stored('events', other)).toMatchObject([{ payload: '"theirs"' }])
})

test('health, metrics and the API reference are served', async () => {
  const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${ingest.ingest().port}${path}`)
  expect((await get('/healthz')).status).toBe(200)
  expect((await get('/readyz')).status).toBe(200)
  expect(await (await get('/metrics')).text()).toContain(
    'jethook_stream_lag_messages{stream="INTAKE",consumer="ingest"} 0',
  )
  expect(await ingest.metric('jethook_event_acceptance_seconds_count{source="http"}')).toBeGreaterThan(0)
  const document = (await (await get('/docs/json')).json()) as {
    paths: Record<string, { post: { responses: object } }>
  }
  expect(Object.keys(document.paths)).toEqual(['/v1/events', '/v1/events/batch'])
  expect(Object.keys(document.paths['/v1/events']!.post.responses)).toEqual([
    '202',
    '400',
    '401',
    '403',
    '413',
    '415',
    '422',
    '503',
  ])
})
