import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '@jethook/local'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jethook-test-local-'))
  await chmod(folder, 0o711)
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}

test('starts as whoever runs this, also as root, and keeps its data over a stop and a kill', async () => {
  const postgres = await startPostgres({ directory: folder })
  await query(postgres.url, 'CREATE TABLE kept (n int)')
  await query(postgres.url, 'INSERT INTO kept VALUES (1)')
  await postgres.stop()
  expect(postgres.pid).toBeUndefined()
  await postgres.start()
  await query(postgres.url, 'INSERT INTO kept VALUES (2)')
  await postgres.kill()
  await postgres.start()
  expect(await query(postgres.url, 'SELECT n FROM kept ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }])
  await postgres.stop()
})

test('two servers started together do not collide', async () => {
  const servers = await Promise.all(['one', 'two'].map((name) => startPostgres({ directory: join(folder, name) })))
  expect(new Set(servers.map(({ port }) => port)).size).toBe(2)
  for (const { url } of servers) expect(await query(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
  await Promise.all(servers.map((server) => server.stop()))
})

test('a server that an earlier, killed run left behind is stopped first', async () => {
  const earlier = await startPostgres({ directory: folder })
  await query(earlier.url, 'CREATE TABLE kept (n int)')
  const later = await startPostgres({ directory: folder })
  await expect(query(earlier.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/)
  expect(await query(later.url, 'SELECT n FROM kept')).toEqual([])
  await later.stop()
})
