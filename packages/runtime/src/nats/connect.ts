import { readFile } from 'node:fs/promises'
import {
  connect,
  credsAuthenticator,
  errors,
  type Authenticator,
  type ConnectionOptions,
  type NatsConnection,
} from '@nats-io/transport-node'
import type { Logger } from '../logger.ts'
import { SettingsError } from '../settings.ts'

/** Scheduled messages, on which the calendar rests, came with this version. Older servers drop the setting silently. */
const oldestServer = [2, 12] as const

export interface NatsOptions {
  /** One or several URLs, separated by commas. A user and password may stand in them. */
  readonly url: string
  readonly credentialsFile?: string | undefined
  readonly name: string
  readonly logger: Logger
}

/** Connects, waiting for ever if need be, and reconnects for ever. Throws SettingsError, also when the server is too old. */
export async function connectNats({ url, credentialsFile, name, logger }: NatsOptions): Promise<NatsConnection> {
  const options: ConnectionOptions = {
    ...parseServers(url),
    ...(credentialsFile && { authenticator: await readCredentials(credentialsFile) }),
    name,
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    // A server that is still starting, or whose accounts are being changed, refuses for a while.
    ignoreAuthErrorAbort: true,
    pingInterval: 10_000,
    // Publishing costs half the CPU without a stack trace per call.
    noAsyncTraces: true,
  }
  const waiting = setInterval(() => logger.warn({ url: hostsOf(options) }, 'nats.unreachable'), sayUnreachableEveryMs)
  const connection = await connect(options)
    .catch((error: unknown) => {
      throw refusedCredentials(error) ?? error
    })
    .finally(() => clearInterval(waiting))
  refuseOldServer(connection)
  void logStatus(connection, logger)
  return connection
}

const sayUnreachableEveryMs = 5_000

const hostsOf = ({ servers = [] }: ConnectionOptions): string => [servers].flat().join(', ')

function refusedCredentials(error: unknown): SettingsError | undefined {
  return error instanceof errors.AuthorizationError
    ? new SettingsError('NATS refuses the credentials in NATS_URL, or in NATS_CREDENTIALS_FILE.')
    : undefined
}

function parseServers(url: string): Pick<ConnectionOptions, 'servers' | 'user' | 'pass'> {
  const urls = url.split(',').map((one) => parseServer(one.trim()))
  const [first] = urls
  return {
    servers: urls.map((one) => `${one.protocol}//${one.host}`),
    ...(first?.username && { user: decode(first.username), pass: decode(first.password) }),
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    const why = 'in a user or password a percent sign is written as %25'
    throw new SettingsError(`NATS_URL is not usable: ${why}.`, { cause: error })
  }
}

function parseServer(text: string): URL {
  const server = URL.parse(text.includes('://') ? text : `nats://${text}`)
  if (server) return server
  throw new SettingsError('NATS_URL is not usable: it must look like nats://host:port, several separated by commas.')
}

async function readCredentials(file: string): Promise<Authenticator> {
  const unusable = (why: string, cause: unknown): SettingsError =>
    new SettingsError(`NATS_CREDENTIALS_FILE is not usable: the file ${file} ${why}.`, { cause })
  const content = await readFile(file).catch((error: unknown) => {
    throw unusable('cannot be read', error)
  })
  try {
    const authenticator = credsAuthenticator(content)
    // It reads what it was given no earlier than it signs something.
    authenticator('nonce')
    return authenticator
  } catch (error) {
    throw unusable('holds no credentials of NATS', error)
  }
}

function refuseOldServer(connection: NatsConnection): void {
  const version = connection.info?.version ?? '0.0.0'
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = oldestServer
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  throw new SettingsError(
    `NATS server ${version} cannot schedule messages: Jethook needs ${oldestServer.join('.')} or newer (${connection.getServer()}).`,
  )
}

async function logStatus(connection: NatsConnection, logger: Logger): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') logger.warn({ server: status.server }, 'nats.disconnected')
    if (status.type === 'reconnect') logger.warn({ server: status.server }, 'nats.reconnected')
    if (status.type === 'error') logger.error({ err: status.error }, 'nats.error')
  }
}
