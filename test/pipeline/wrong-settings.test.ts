import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loopbackOnly, startInfrastructure, type Infrastructure, type ServiceName } from '../infrastructure/index.ts'

const services = fileURLToPath(new URL('../../services', import.meta.url))
const taken = createServer()

let infrastructure: Infrastructure
let takenPort: number
beforeAll(async () => {
  infrastructure = await startInfrastructure()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  takenPort = (taken.address() as AddressInfo).port
})
afterAll(async () => {
  taken.close()
  await infrastructure.stop()
})

async function start(name: ServiceName, settings: Record<string, string>) {
  const child = spawn(process.execPath, [join(services, name, 'src/main.ts')], {
    env: {
      PATH: process.env['PATH'],
      NATS_URL: infrastructure.nats.url,
      DATABASE_URL: infrastructure.databaseUrl,
      OPERATOR_KEY: 'operator-key-of-the-tests',
      ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
      HOST: '127.0.0.1',
      PORT: '0',
      ...loopbackOnly,
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 15_000,
  })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const [output, errors, status] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  return { status, output, errors }
}

test.each(['ingest', 'subscriptions', 'dispatcher'] as const)(
  '%s does not start on a port that is taken',
  async (name) => {
    const { status, output, errors } = await start(name, { PORT: String(takenPort) })
    expect(errors).toBe(
      `${name} cannot start: PORT is not usable: something listens on port ${takenPort} of 127.0.0.1 already.\n`,
    )
    expect(output).not.toContain('fatal')
    expect(status).toBe(75)
  },
)

test.each([
  [
    'EVENT_MAX_BYTES',
    '999999999',
    /: EVENT_MAX_BYTES=999999999 does not fit the messages of this NATS server: lower it/,
  ],
  ['HOST', '192.0.2.1', /: HOST is not usable: listen EADDRNOTAVAIL: address not available 192\.0\.2\.1\.\n$/],
  ['HOST', 'not a host', /: HOST is not usable: getaddrinfo ENOTFOUND not a host\.\n$/],
  [
    'NATS_CREDENTIALS_FILE',
    '/nowhere.creds',
    /: NATS_CREDENTIALS_FILE is not usable: the file \/nowhere.creds cannot be read\.\n$/,
  ],
  [
    'NATS_CREDENTIALS_FILE',
    fileURLToPath(import.meta.url),
    /: NATS_CREDENTIALS_FILE is not usable: the file .* holds no/,
  ],
  ['NATS_URL', 'nats://host:port', /: NATS_URL is not usable: /],
  ['NATS_URL', 'nats://user:100%safe@127.0.0.1:4222', /: NATS_URL is not usable: .* %25/],
  ['NATS_REPLICAS', '3', /: NATS refuses stream .* Look at NATS_REPLICAS \(3\)/],
  ['LOG_LEVEL', 'loud', /: LOG_LEVEL is not usable: /],
])('%s=%s stops the start with a sentence that names it', async (name, value, sentence) => {
  const { status, output, errors } = await start('ingest', { [name]: value })
  expect(errors).toMatch(sentence)
  expect(errors).toMatch(/^ingest cannot start: .+\n$/)
  expect(output).not.toContain('fatal')
  expect(status).toBe(78)
})
