import { authenticate, type ConfigurationFollower } from '@jethook/configuration'
import { ProblemError } from '@jethook/contracts'
import type { Broker } from '@jethook/runtime'
import { unavailable, withBroker } from './broker-answers.ts'

type RequestHeaders = Parameters<typeof authenticate>[1]

/** The tenant for which the sender of this request may publish. Throws `invalid_api_key`, `forbidden`, `broker_unavailable`. */
export async function authorizePublisher(
  follower: Pick<ConfigurationFollower, 'configuration' | 'caughtUp'>,
  broker: Pick<Broker, 'connected'>,
  headers: RequestHeaders,
): Promise<string> {
  if (!broker.connected()) throw unavailable(undefined)
  await withBroker(follower.caughtUp())
  const caller = authenticate(follower.configuration, headers)
  // Without an operator key given to it, authenticate knows keys of tenants only.
  if (caller.kind === 'operator')
    throw new ProblemError('forbidden', 'Events are published with a key of their tenant.')
  switch (caller.role) {
    case 'owner':
    case 'admin':
    case 'publisher':
      return caller.tenant
    case 'support':
      throw new ProblemError(
        'forbidden',
        'A key with the role support cannot publish. Use one with publisher or admin.',
      )
  }
}
