/** A NATS or Postgres server of one's own: stopping and starting it keeps address and data. */
export interface TestServer {
  readonly url: string
  start(): Promise<void>
  stop(): Promise<void>
  /** Without a chance to say good-bye. */
  kill(): Promise<void>
  /** Stops it for good and removes its data. */
  dispose(): Promise<void>
}

/** The two ways to get real servers: programs on this machine, or containers. */
export interface ServerProvider {
  startNats(): Promise<TestServer>
  /** The URL is of a database from which others can be created. */
  startPostgres(): Promise<TestServer>
}

/** `TEST_INFRA=containers` wants a Docker engine; without it everything runs as ordinary processes. */
export async function serverProvider(): Promise<ServerProvider> {
  const kind = process.env['TEST_INFRA'] ?? 'embedded'
  switch (kind) {
    case '':
    case 'embedded':
      return (await import('./embedded-servers.ts')).embeddedServers
    case 'containers':
      return (await import('./container-servers.ts')).containerServers
    default:
      throw new Error(`TEST_INFRA=${kind} is unknown: use "embedded" (the default) or "containers".`)
  }
}
