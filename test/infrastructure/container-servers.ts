import { freePort } from '@jethook/local'
import { PostgreSqlContainer } from '@testcontainers/postgresql'
import { GenericContainer, Wait, getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers'
import type { ServerProvider, TestServer } from './servers.ts'
import { waitFor } from './wait-for.ts'

const NATS_IMAGE = 'nats:2.14.5-alpine'
const POSTGRES_IMAGE = 'postgres:18-alpine'

/**
 * Docker maps a new random port each time a container starts, and a restarted server must come back at the same address: so the
 * host's port is fixed. Testcontainers' reaper removes the containers, however the run ended.
 */
export const containerServers: ServerProvider = {
  startNats: async () => {
    const port = await freePort()
    // The module for NATS always sets a user and password, which a plain NATS_URL in the tests would lack.
    const container = await new GenericContainer(NATS_IMAGE)
      .withExposedPorts({ container: 4222, host: port })
      .withCopyContentToContainer([{ content: natsConfiguration, target: '/etc/nats/jethook.conf' }])
      .withCommand(['-c', '/etc/nats/jethook.conf'])
      .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
      .withStartupTimeout(120_000)
      .start()
    return restartable(container, `nats://${container.getHost()}:${port}`, /Server is ready/g)
  },
  startPostgres: async () => {
    const port = await freePort()
    const container = await new PostgreSqlContainer(POSTGRES_IMAGE)
      .withExposedPorts({ container: 5432, host: port })
      .withCommand(['-c', 'max_connections=300', '-c', 'fsync=off', '-c', 'synchronous_commit=off'])
      .start()
    return restartable(container, container.getConnectionUri(), /database system is ready to accept connections/g)
  },
}

const natsConfiguration = 'listen: "0.0.0.0:4222"\njetstream { store_dir: "/data", max_file_store: 1TB }\n'

async function restartable(container: StartedTestContainer, url: string, ready: RegExp): Promise<TestServer> {
  const runtime = await getContainerRuntimeClient()
  // The started container's own `stop` works once and removes it; the engine's can be followed by a start.
  const handle = runtime.container.getById(container.getId())
  const timesReady = async (): Promise<number> => {
    const log = await handle.logs({ stdout: true, stderr: true })
    return log.toString('utf8').match(ready)?.length ?? 0
  }
  return {
    url,
    start: async () => {
      const before = await timesReady()
      await handle.start()
      await waitFor(async () => (await timesReady()) > before, { timeoutMs: 60_000, what: `${url} to be ready` })
    },
    stop: async () => {
      await handle.stop({ t: 10 })
    },
    kill: async () => {
      await handle.kill()
    },
    dispose: async () => {
      await container.stop()
    },
  }
}
