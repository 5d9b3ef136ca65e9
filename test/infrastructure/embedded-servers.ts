import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alreadyRemoved, removeWhenGone, startNats, startPostgres } from '@jethook/local'
import type { ServerProvider, TestServer } from './servers.ts'

export const embeddedServers: ServerProvider = {
  startNats: () => inTemporaryFolder('nats', (directory) => startNats({ directory, name: 'jethook-test' })),
  startPostgres: () => inTemporaryFolder('postgres', (directory) => startPostgres({ directory, durable: false })),
}

async function inTemporaryFolder(
  name: string,
  start: (directory: string) => Promise<Omit<TestServer, 'dispose'>>,
): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), `jethook-test-${name}-`))
  removeWhenGone(folder)
  // Postgres runs as another user when the tests run as root, and must be able to get to its data.
  await chmod(folder, 0o711)
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    alreadyRemoved(folder)
  }
  try {
    const server = await start(join(folder, 'data'))
    return {
      url: server.url,
      start: () => server.start(),
      stop: () => server.stop(),
      kill: () => server.kill(),
      dispose: async () => {
        await server.kill()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}
