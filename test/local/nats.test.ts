import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startNats } from '@jethook/local'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { waitFor } from '../infrastructure/index.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jethook-test-local-'))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

test('what was published is there after a stop and after a kill, at the same address', async () => {
  const nats = await startNats({ directory: folder })
  const connection = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  await (await jetstreamManager(connection)).streams.add({ name: 'KEPT', subjects: ['kept'] })
  await jetstream(connection).publish('kept', 'one')
  await nats.stop()
  expect(nats.pid).toBeUndefined()
  await nats.start()
  await waitFor(() => connection.rtt())
  await jetstream(connection).publish('kept', 'two')
  await nats.kill()
  await nats.start()
  await waitFor(() => connection.rtt())

  const info = await (await jetstreamManager(connection)).streams.info('KEPT')
  expect(info.state.messages).toBe(2)
  await connection.close()
  await nats.stop()
})

test('two servers started together do not collide', async () => {
  const servers = await Promise.all(['one', 'two'].map((name) => startNats({ directory: join(folder, name) })))
  expect(new Set(servers.map(({ port }) => port)).size).toBe(2)
  await Promise.all(servers.map((server) => server.stop()))
})

test('a server that an earlier, killed run left behind is stopped first', async () => {
  const earlier = await startNats({ directory: folder })
  const later = await startNats({ directory: folder })
  await expect(connect({ servers: earlier.url, reconnect: false, timeout: 500 })).rejects.toThrow(/connection refused/i)
  await later.stop()
})

test('a server program that is too old is refused, saying which, what is needed and what to do', async () => {
  const binary = join(folder, 'nats-server')
  await writeFile(binary, '#!/bin/sh\necho "nats-server: v2.9.25"\n')
  await chmod(binary, 0o755)
  vi.stubEnv('NATS_SERVER_BIN', binary)
  await expect(startNats({ directory: folder })).rejects.toThrow(
    `NATS_SERVER_BIN=${binary} is nats-server 2.9.25. Jethook needs 2.12 or newer: point NATS_SERVER_BIN to one, or unset it.`,
  )
})

test('a server that cannot start says why, in its own words', async () => {
  const nats = await startNats({ directory: join(folder, 'one') })
  await expect(startNats({ directory: join(folder, 'two'), port: nats.port })).rejects.toThrow(/address already in use/)
  await nats.stop()
})
