import { inject } from 'vitest'
import { createDatabase, dropDatabase } from './databases.ts'
import { serverProvider, type TestServer } from './servers.ts'

export interface Infrastructure {
  /** This file's own server: it may be stopped, killed and started again. */
  readonly nats: TestServer
  /** This file's own, empty database, on the server of the whole run. */
  readonly databaseUrl: string
  stop(): Promise<void>
}

export interface OwnPostgres extends TestServer {
  /** An empty database on it. */
  readonly databaseUrl: string
}

/** What one test file works on. Nothing in it is shared with another file. */
export async function startInfrastructure(): Promise<Infrastructure> {
  const postgresUrl = inject('postgresUrl')
  const [nats, databaseUrl] = await Promise.all([startOwnNats(), createDatabase(postgresUrl)])
  return {
    nats,
    databaseUrl,
    stop: async () => {
      await Promise.all([nats.dispose(), dropDatabase(postgresUrl, databaseUrl)])
    },
  }
}

/** A NATS server alone. */
export async function startOwnNats(): Promise<TestServer> {
  return (await serverProvider()).startNats()
}

/** For files that stop and start Postgres: a server that no other file uses. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const server = await (await serverProvider()).startPostgres()
  const databaseUrl = await createDatabase(server.url)
  return { ...server, databaseUrl }
}
