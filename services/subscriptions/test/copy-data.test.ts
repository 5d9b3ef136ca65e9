import { afterAll, beforeAll, expect, test } from 'vitest'
import { startInfrastructure, type Infrastructure } from '../../../test/infrastructure/index.ts'
import type { Columns } from '../src/database/column-values.ts'
import { copyData } from '../src/database/copy-data.ts'
import { copyIn } from '../src/database/copy-in.ts'
import { pg, type PgClient } from '../src/database/pg.ts'

interface Row {
  readonly id: number
  readonly words: string | null
  readonly flag: boolean | null
  readonly at: number | null
  readonly facts: string | null
}

const columns: Columns<Row> = {
  id: ['int8', ({ id }) => id],
  words: ['text', ({ words }) => words],
  flag: ['bool', ({ flag }) => flag],
  at: ['timestamptz', ({ at }) => at],
  facts: ['jsonb', ({ facts }) => facts],
}
const at = Date.parse('2026-11-21T12:34:56.789Z')
const none = { words: null, flag: null, at: null, facts: null }

let infrastructure: Infrastructure
let client: PgClient
beforeAll(async () => {
  infrastructure = await startInfrastructure()
  client = new pg.Client({ connectionString: infrastructure.databaseUrl, query_timeout: 10_000 })
  await client.connect()
  await client.query('CREATE TABLE copied (id int8 PRIMARY KEY, words text, flag bool, at timestamptz, facts jsonb)')
})
afterAll(async () => {
  await client?.end()
  await infrastructure?.stop()
})

const copy = (rows: readonly Row[]) =>
  copyIn(client, 'COPY copied (id, words, flag, at, facts) FROM STDIN (FORMAT binary)', copyData(columns, rows))
const ids = async () => (await client.query('SELECT id::int4 FROM copied ORDER BY id')).rows.map(({ id }) => id)

test('rows arrive in Postgres as they were, however long', async () => {
  const long = 'Žoë 😀 '.repeat(100_000)
  const rows: Row[] = [
    { id: 1, words: '', flag: true, at, facts: '{"a": [1, null]}' },
    { id: 2, ...none },
    { ...none, id: 3, words: long, flag: false },
  ]
  expect(await copy(rows)).toMatchObject({ command: 'COPY', rowCount: 3 })
  const { rows: stored } = await client.query(
    'SELECT id::int4, words, flag, extract(epoch FROM at) * 1000 AS at, facts FROM copied ORDER BY id',
  )
  expect(stored).toEqual([
    {
      id: 1,
      words: '',
      flag: true,
      at: expect.stringMatching(new RegExp(`^${at}[.]?0*$`)) as string,
      facts: { a: [1, null] },
    },
    { id: 2, ...none },
    { ...none, id: 3, words: long, flag: false },
  ])
})

test('none are none', async () => {
  const before = await ids()
  expect(await copy([])).toMatchObject({ rowCount: 0 })
  expect(await ids()).toEqual(before)
})

test('what Postgres refuses is an error, none of it is written, and the connection is good for more', async () => {
  const before = await ids()
  await expect(
    copy([
      { ...none, id: 10 },
      { ...none, id: 11, words: 'a\0b' },
    ]),
  ).rejects.toMatchObject({ code: '22021' })
  await expect(
    copy([
      { ...none, id: 12 },
      { ...none, id: 12 },
    ]),
  ).rejects.toMatchObject({ code: '23505' })
  expect(await ids()).toEqual(before)
  await copy([{ ...none, id: 13 }])
  expect(await ids()).toEqual([...before, 13])
})

test('a connection that breaks is an error', async () => {
  const doomed = new pg.Client({ connectionString: infrastructure.databaseUrl })
  doomed.on('error', () => undefined)
  await doomed.connect()
  const { rows } = await doomed.query('SELECT pg_backend_pid() AS pid')
  await client.query('BEGIN; LOCK copied')
  const copying = copyIn(
    doomed,
    'COPY copied (id, words, flag, at, facts) FROM STDIN (FORMAT binary)',
    copyData(columns, []),
  )
  // Expected before it happens: it may be over before the other connection has its answer.
  await Promise.all([
    expect(copying).rejects.toThrow(/terminat/),
    client.query({ text: 'SELECT pg_terminate_backend($1)', values: [rows[0]?.['pid']] }),
  ])
  await client.query('COMMIT')
})
