import { expect, test } from 'vitest'
import { elementSlices, memberSlice } from './json-slices.ts'

function payloadOf(text: string): string | undefined {
  const bytes = Buffer.from(text)
  JSON.parse(text)
  const slice = memberSlice(bytes, 0, 'payload')
  return slice && bytes.toString('utf8', slice.start, slice.end)
}

test.each([
  ['an object', '{"type":"a","payload":{"x":1}}', '{"x":1}'],
  ['odd spacing inside', '{"payload":{ "x" :\n\t[ 1 , 2 ]\r\n}}', '{ "x" :\n\t[ 1 , 2 ]\r\n}'],
  ['odd spacing around', ' \n{ "type" : "a" ,\t"payload" \r\n:  [1, 2]  ,"id":"i" } \n', '[1, 2]'],
  ['a large number', '{"payload":12345678901234567890}', '12345678901234567890'],
  ['a number followed by space', '{"payload": -1.50E+03 }', '-1.50E+03'],
  ['a number followed by a comma', '{"payload":0.10,"id":"i"}', '0.10'],
  ['true', '{"payload":true}', 'true'],
  ['false followed by space', '{"payload":false\n}', 'false'],
  ['null', '{"payload":null,"id":"i"}', 'null'],
  ['a string with brackets and quotes', String.raw`{"payload":"}]\",{[\\"}`, String.raw`"}]\",{[\\"`],
  ['a string that ends in a backslash', String.raw`{"payload":"\\","type":"a"}`, String.raw`"\\"`],
  ['an empty string', '{"payload":""}', '""'],
  [
    'escapes and unicode as written',
    String.raw`{"payload":{"a":"\u00e9é😀\ud83d\ude00\/"}}`,
    String.raw`{"a":"\u00e9é😀\ud83d\ude00\/"}`,
  ],
  ['empty containers', '{"a":{},"b":[],"payload":[{}]}', '[{}]'],
  ['brackets in strings in nested values', '{"a":["}","{"],"payload":{"b":["]","["]}}', '{"b":["]","["]}'],
  ['a key written with escapes', String.raw`{"pay\u006coad":1}`, '1'],
  ['the last of several', '{"payload":1,"payload":{"x":2}}', '{"x":2}'],
  ['the last of several spellings', String.raw`{"payload":1,"\u0070ayload":2}`, '2'],
  ['its own, not that of a nested object', '{"a":{"payload":1},"payload":2,"b":[{"payload":3}]}', '2'],
  ['its own, not a string value of that name', '{"type":"payload","payload":[]}', '[]'],
])('finds %s', (_what, text, expected) => {
  expect(payloadOf(text)).toBe(expected)
})

test.each([
  ['an empty object', '{}'],
  ['only nested', '{"a":{"payload":1}}'],
  ['only a string value', '{"type":"payload"}'],
  ['an array', '["payload",1]'],
  ['a string', '"payload"'],
  ['null', 'null'],
])('finds nothing in %s', (_what, text) => {
  expect(payloadOf(text)).toBeUndefined()
})

test('finds the elements of an array, also of one inside', () => {
  const json = Buffer.from(' [ {"a":[1,2]} ,\n"x,]", 3 ,[ ], null]')
  const texts = elementSlices(json, 0).map(({ start, end }) => json.toString('utf8', start, end))
  expect(texts).toEqual(['{"a":[1,2]}', '"x,]"', '3', '[ ]', 'null'])
  expect(elementSlices(Buffer.from('[ ]'), 0)).toEqual([])
  expect(elementSlices(Buffer.from('{"a":1}'), 0)).toEqual([])
})

test('deep nesting does not exhaust the stack', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  expect(payloadOf(`{"payload":${deep},"type":"a"}`)).toBe(deep)
})

test('agrees with JSON.parse on everything that can be generated', () => {
  const random = randomSequence(42)
  for (let round = 0; round < 500; round++) {
    const members = Array.from({ length: 1 + (random() % 4) }, () => [key(random), value(random, 3)] as const)
    const text = `${space(random)}{${members.map(([name, item]) => `${space(random)}${name}${space(random)}:${item}`).join(',')}}`
    const found = payloadOf(text)
    const expected = (JSON.parse(text) as { payload?: unknown }).payload
    expect(found === undefined ? undefined : JSON.parse(found), text).toEqual(expected)
  }
})

type Random = () => number

/** The same numbers in every run: a failure can be looked at again. */
function randomSequence(seed: number): Random {
  return () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed >>> 8
  }
}

const pick = <T>(random: Random, choices: readonly T[]): T => choices[random() % choices.length]!
const space = (random: Random): string => pick(random, ['', '', ' ', '\n', '\t\r\n '])
const key = (random: Random): string =>
  pick(random, ['"payload"', String.raw`"pay\u006coad"`, '"type"', '"pay"', '""', '"é"'])

function value(random: Random, depth: number): string {
  const scalars = [
    '0',
    '-1.5e3',
    '12345678901234567890',
    'true',
    'null',
    '""',
    '"}"',
    String.raw`"\"]"`,
    String.raw`"\\"`,
    '"é😀"',
  ]
  const kind = depth === 0 ? 0 : random() % 3
  const inner = (): string => value(random, depth - 1)
  const count = random() % 4
  const around = (text: string): string => space(random) + text + space(random)
  if (kind === 0) return around(pick(random, scalars))
  if (kind === 1) return around(`[${Array.from({ length: count }, inner).join(',') || space(random)}]`)
  const members = Array.from({ length: count }, () => `${space(random)}${key(random)}${space(random)}:${inner()}`)
  return around(`{${members.join(',') || space(random)}}`)
}
