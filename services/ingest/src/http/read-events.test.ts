import { ProblemError, type FieldError } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { parseJsonBody } from './json-body.ts'
import { readBatch, readEvent } from './read-events.ts'

const body = (text: string) => parseJsonBody(Buffer.from(text))

function refused(work: () => unknown): { code: string; errors: readonly FieldError[] } {
  let result: unknown
  try {
    result = work()
  } catch (error) {
    result = error
  }
  if (!(result instanceof ProblemError)) throw new Error('was not refused')
  return { code: result.code, errors: result.errors ?? [] }
}

test('reads type, id and the payload as it is written', () => {
  const item = readEvent(body('{"type":"deposit.settled","id":"d-1","payload":{ "amount" : 10.00 }}'), 'lumire')
  if (item instanceof ProblemError) throw item
  expect({ ...item, payload: Buffer.from(item.payload).toString() }).toEqual({
    tenant: 'lumire',
    eventType: 'deposit.settled',
    producerId: 'd-1',
    payload: '{ "amount" : 10.00 }',
  })
})

test.each([
  ['{"payload":1}', 'invalid_request', 'type', 'is missing'],
  ['{"type":"a"}', 'invalid_request', 'payload', 'is missing'],
  ['{"type":1,"payload":1}', 'invalid_request', 'type', 'must be a string'],
  ['{"type":"a","payload":1,"id":null}', 'invalid_request', 'id', 'must be a string'],
  ['{"type":"a","payload":1,"kind":2}', 'invalid_request', 'kind', 'is not known here'],
  ['{"type":"a..b","payload":1}', 'invalid_event_type', 'type', /must be letters/],
  [`{"type":"${'a'.repeat(129)}","payload":1}`, 'invalid_event_type', 'type', /128/],
  ['{"type":"a","payload":1,"id":"no spaces"}', 'invalid_event_id', 'id', /must be 1 to 128/],
  ['{"type":"a","payload":1,"id":"rejected"}', 'invalid_event_id', 'id', 'must not be "rejected"'],
  ['[]', 'invalid_request', 'body', 'must be an object'],
  ['"text"', 'invalid_request', 'body', 'must be an object'],
])('%s is refused as %s, naming %s', (text, code, field, message) => {
  const problem = refused(() => readEvent(body(text), 'lumire'))
  expect(problem.code).toBe(code)
  expect(problem.errors).toEqual([
    { field, message: typeof message === 'string' ? message : expect.stringMatching(message) },
  ])
})

test('several wrong fields are all named', () => {
  const { code, errors } = refused(() => readEvent(body('{"type":"a b"}'), 'lumire'))
  expect([code, errors.map(({ field }) => field)]).toEqual(['invalid_request', ['type', 'payload']])
})

test('each item of a batch is read for itself', () => {
  const items = readBatch(
    body('{"events":[{"type":"a","payload":[1, 2]},{"type":"a"},7,{"payload": {} ,"type":"b"}]}'),
    't',
  )
  const texts = items.map((item) =>
    item instanceof ProblemError ? item.errors?.map(({ field }) => field) : Buffer.from(item.payload).toString(),
  )
  expect(texts).toEqual(['[1, 2]', ['events[1].payload'], ['events[2]'], '{}'])
})

test.each([
  ['{}', 'events', 'is missing'],
  ['{"events":{}}', 'events', 'must be an array'],
  ['{"events":[]}', 'events', 'must have at least 1 item'],
  [`{"events":[${'1,'.repeat(500)}1]}`, 'events', 'must have at most 500 items'],
  ['{"events":[1],"more":1}', 'more', 'is not known here'],
])('%.40s is no batch', (text, field, message) => {
  const { code, errors } = refused(() => readBatch(body(text), 't'))
  expect(code).toBe('invalid_request')
  expect(errors).toEqual([{ field, message: typeof message === 'string' ? message : expect.stringMatching(message) }])
})

test.each([
  ['{"payload":', /not JSON/],
  ['', /not JSON/],
  ['\ufeff{}', /not JSON/],
  [Buffer.from([0x22, 0xff, 0x22]), /not UTF-8/],
])('a body that is not JSON is refused', (text, message) => {
  expect(() => parseJsonBody(Buffer.from(text as string))).toThrow(message)
})
