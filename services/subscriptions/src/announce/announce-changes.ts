import { createHash } from 'node:crypto'
import type { ConfigurationFollower } from '@jethook/configuration'
import { changesConsumer, createId, readDomainEvent, type DomainEvent, type OperationalEvent } from '@jethook/contracts'
import { consumeShared, type Broker, type Consumption, type JsMsg, type Logger } from '@jethook/runtime'
import { tell } from '../endpoint-health/act-on-condition.ts'

export interface AnnounceOptions {
  readonly broker: Broker
  readonly follower: ConfigurationFollower
  readonly logger: Logger
}

const againMs = 5_000

/**
 * Tells in OPERATIONS which webhooks were disabled and enabled, from the domain events that say so: at least once each,
 * under an id by which a second time is recognised. The only place that acknowledges them.
 */
export function announceChanges({ broker, follower, logger }: AnnounceOptions): Consumption {
  const announce = async (message: JsMsg): Promise<void> => {
    try {
      const event = read(message)
      await follower.reached(message.seq)
      // Whoever is told of it counts on it.
      await follower.knownToAll()
      const news = event && newsOf(event, message.seq, follower)
      if (news) await tell(broker.publisher, news)
      message.ack()
    } catch (error) {
      logger.warn({ err: error, sequence: message.seq }, 'change.not_announced')
      message.nak(againMs)
    }
  }
  return consumeShared(broker, changesConsumer, (message) => void announce(message), logger)
}

function newsOf(
  event: DomainEvent,
  sequence: number,
  { configuration }: ConfigurationFollower,
): OperationalEvent | undefined {
  if (!('subscriptionId' in event)) return undefined
  const { tenant, subscriptionId, at } = event
  const subscription = configuration.subscription(tenant, subscriptionId)
  if (!subscription) return undefined
  const id = createId('evt', at, createHash('sha256').update(`${tenant}\0${sequence}`).digest())
  const about = { id, tenant, at, subscriptionId, url: subscription.url }
  switch (event.type) {
    case 'SubscriptionDisabled': {
      const { reason, firstFailureAt, failures } = event
      const threshold = configuration.profileOf(tenant)?.disable?.consecutiveFailures
      const streak =
        firstFailureAt === null || threshold === undefined
          ? {}
          : { streak: { consecutiveFailures: failures, threshold, failingSince: firstFailureAt } }
      return { type: 'webhook.disabled', ...about, reason, ...streak }
    }
    case 'SubscriptionEnabled':
      return { type: 'webhook.enabled', ...about, by: event.by }
    case 'SubscriptionUpdated': {
      const { active } = event.changes
      if (active === undefined) return undefined
      if (active) return { type: 'webhook.enabled', ...about, by: event.by }
      return { type: 'webhook.disabled', ...about, reason: 'manual' }
    }
    case 'SubscriptionCreated':
    case 'SubscriptionPaused':
    case 'SubscriptionResumed':
    case 'SubscriptionSecretRotated':
    case 'SubscriptionDeleted':
    case 'SecretLinkCreated':
    case 'SecretLinkUsed':
      return undefined
  }
}

/** Nothing for what is no domain event: whoever wrote it, it must not be in the way of others. */
function read(message: JsMsg): DomainEvent | undefined {
  try {
    return readDomainEvent(message.json())
  } catch {
    return undefined
  }
}
