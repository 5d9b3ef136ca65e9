import { expect, test } from 'vitest'
import { z } from 'zod'
import { shapeProblem } from './shape-problem.ts'
import { wording } from './wording.ts'

const Shape = z.strictObject({
  name: z.string().min(2).max(4),
  count: z.int().min(1).max(9).optional(),
  share: z.number().positive().lt(1).optional(),
  way: z.enum(['on', 'off', 'auto']).optional(),
  is: z.boolean().optional(),
  at: z.iso.datetime().optional(),
  mail: z.email().optional(),
  many: z.array(z.string('must be a word')).min(1).max(2).optional(),
  body: z.union([z.literal('payload'), z.strictObject({ envelope: z.string() })]).optional(),
  either: z.union([z.string(), z.array(z.string())]).optional(),
  kind: z
    .discriminatedUnion('type', [z.strictObject({ type: z.literal('a') }), z.strictObject({ type: z.literal('b') })])
    .optional(),
  byName: z.record(z.string().regex(/^[a-z]+$/, 'must be of a-z'), z.string()).optional(),
})

const problemOf = (value: unknown, options?: Parameters<typeof shapeProblem>[1]) =>
  shapeProblem(Shape.safeParse(value, { error: wording }).error?.issues ?? [], options)

test.each<[object, string]>([
  [{ name: undefined }, 'name: is missing'],
  [{ name: null }, 'name: must be a string'],
  [{ name: 'a' }, 'name: must have at least 2 characters'],
  [{ name: 'abcde' }, 'name: must have at most 4 characters'],
  [{ count: '1' }, 'count: must be a number'],
  [{ count: Number.NaN }, 'count: must be a number'],
  [{ count: 1.5 }, 'count: must be a whole number'],
  [{ count: 0 }, 'count: must be at least 1'],
  [{ count: 10 }, 'count: must be at most 9'],
  [{ share: 0 }, 'share: must be more than 0'],
  [{ share: 1 }, 'share: must be less than 1'],
  [{ way: 'up' }, 'way: must be "on", "off" or "auto"'],
  [{ is: 1 }, 'is: must be true or false'],
  [{ at: 'noon' }, 'at: must be a time like 2026-01-31T12:00:00Z'],
  [{ mail: 'me' }, 'mail: must be an email address'],
  [{ many: {} }, 'many: must be an array'],
  [{ many: [] }, 'many: must have at least 1 item'],
  [{ many: ['', '', ''] }, 'many: must have at most 2 items'],
  [{ many: ['a', 1] }, 'many[1]: must be a word'],
  [{ body: {} }, 'body.envelope: is missing'],
  [{ body: 'paylod' }, 'body: must be "payload"'],
  [{ body: { envelope: '', more: 1 } }, 'body.more: is not known here'],
  [{ either: 1 }, 'either: has none of the forms that it may have'],
  [{ kind: { type: 'c' } }, 'kind.type: must be "a" or "b"'],
  [{ kind: {} }, 'kind.type: must be "a" or "b"'],
  [{ kind: 1 }, 'kind: must be an object'],
  [{ byName: { 'A-1': 'a' } }, 'byName.A-1: must be of a-z'],
  [{ more: 1, yet: 2 }, 'more: is not known here; yet: is not known here'],
])('%j is told as: %s', (change, detail) => {
  expect(problemOf({ name: 'abc', ...change }).message).toBe(detail)
})

test('each field is named from where the value stands; the whole has a name of its own', () => {
  expect(problemOf({}, { path: 'events[3]' }).errors).toEqual([{ field: 'events[3].name', message: 'is missing' }])
  expect(problemOf(7, { path: 'events[3]' }).errors).toEqual([{ field: 'events[3]', message: 'must be an object' }])
  expect(problemOf(7, { whole: 'querystring' }).errors).toEqual([
    { field: 'querystring', message: 'must be an object' },
  ])
})

test('of very many wrong fields the first hundred are told', () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`more${n}`, n]))
  expect(problemOf({ name: 'abc', ...many }).errors).toHaveLength(100)
})

test('of a very long name the beginning is told, for whoever sent it knows the rest', () => {
  const long = 'x'.repeat(100_000)
  const { errors, message } = problemOf({ name: 'abc', [long]: 1, byName: { [long]: 7 } })
  expect(errors).toHaveLength(2)
  expect(message.length).toBeLessThan(1_000)
})

test('the code is what a check brought along, wherever it stands, unless the caller knows better', () => {
  const checked = z.object({
    a: z.string(),
    b: z.unknown().superRefine((_, context) => {
      context.addIssue({ code: 'custom', message: 'is of no use', params: { code: 'invalid_url' } })
    }),
  })
  const { issues = [] } = checked.safeParse({ b: 1 }, { error: wording }).error ?? {}
  expect(shapeProblem(issues).code).toBe('invalid_url')
  expect(shapeProblem(issues, { code: 'invalid_event_id' }).code).toBe('invalid_event_id')
  expect(shapeProblem(issues.slice(0, 1)).code).toBe('invalid_request')
})
