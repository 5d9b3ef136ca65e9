import { findNatsServer } from '@jethook/local'
import type { TestProject } from 'vitest/node'
import { serverProvider } from './servers.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A Postgres server on which each test file creates its database. */
    postgresUrl: string
  }
}

/** Once per run: the Postgres server, and the NATS program fetched before several files want it at once. */
export default async function startShared(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if ((process.env['TEST_INFRA'] ?? 'embedded') === 'embedded') await findNatsServer({ progress: console.log })

  const given = process.env['DATABASE_URL']
  if (given !== undefined && given !== '') {
    project.provide('postgresUrl', given)
    return undefined
  }
  const server = await (await serverProvider()).startPostgres()
  project.provide('postgresUrl', server.url)
  return () => server.dispose()
}
