import { afterAll, beforeAll, expect, test } from 'vitest'
import { startInfrastructure, type Infrastructure } from '../../../test/infrastructure/index.ts'
import { binaryArray } from '../src/database/binary-array.ts'
import type { ColumnType, ColumnValue } from '../src/database/column-values.ts'
import { pg, type PgClient } from '../src/database/pg.ts'

let infrastructure: Infrastructure
let client: PgClient
beforeAll(async () => {
  infrastructure = await startInfrastructure()
  client = new pg.Client({ connectionString: infrastructure.databaseUrl })
  await client.connect()
})
afterAll(async () => {
  await client?.end()
  await infrastructure?.stop()
})

const roundTrip = async (type: ColumnType, values: readonly ColumnValue[]): Promise<unknown[]> => {
  const text = `SELECT to_jsonb(value) AS value FROM unnest($1::${type}[]) WITH ORDINALITY AS u(value, place) ORDER BY place`
  const { rows } = await client.query({ text, values: [binaryArray(type, values)] })
  return rows.map(({ value }) => value)
}

const long = 'é'.repeat(100_000)

test.each<[ColumnType, ColumnValue[]]>([
  ['text', ['', 'plain', 'Žoë 名 😀', '{"a":"b,c"}', null, long]],
  ['bool', [true, false, null]],
  ['int4', [0, 1, -1, 2_147_483_647, -2_147_483_648, null]],
  ['int8', [0, -1, 4_294_967_296, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, null]],
])('%s arrives in Postgres as it was', async (type, values) => {
  expect(await roundTrip(type, values)).toEqual(values)
})

test('jsonb arrives as what the text says', async () => {
  expect(await roundTrip('jsonb', ['{"a": [1, "名"]}', null, '"text"'])).toEqual([{ a: [1, '名'] }, null, 'text'])
})

test('times arrive to the millisecond, before 2000 too', async () => {
  const times = ['2026-11-21T12:34:56.789Z', '1970-01-01T00:00:00.001Z', '9999-12-30T00:00:00.000Z']
  const arrived = await roundTrip('timestamptz', [...times, Date.parse(times[0] ?? ''), null])
  expect(arrived.map((time) => time && new Date(time as string).toISOString())).toEqual([...times, times[0], null])
})

test.each([Number.NaN, 2 ** 60, 1.5])('%d is refused where an integer is wanted', (value) => {
  expect(() => binaryArray('int8', [value])).toThrow(RangeError)
  expect(() => binaryArray('timestamptz', [value * 1.0001])).toThrow(RangeError)
})

test('no values are an empty array', async () => {
  expect(await roundTrip('text', [])).toEqual([])
})
