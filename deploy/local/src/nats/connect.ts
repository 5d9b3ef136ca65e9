import { readFileSync } from 'node:fs'
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'

/** A short-lived connection for publishing, to whatever `NATS_URL` names: several servers, a user and password may stand in it. */
export function connectTo(url: string, credentialsFile: string | undefined): Promise<NatsConnection> {
  const urls = url.split(',').map((one) => new URL(one.includes('://') ? one : `nats://${one}`))
  const user = urls[0]?.username ?? ''
  return connect({
    servers: urls.map(({ protocol, host }) => `${protocol}//${host}`),
    timeout: 5_000,
    ...(user !== '' && { user: decodeURIComponent(user), pass: decodeURIComponent(urls[0]?.password ?? '') }),
    ...(credentialsFile && { authenticator: credsAuthenticator(readFileSync(credentialsFile)) }),
  })
}
