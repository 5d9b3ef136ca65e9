import { hash } from 'node:crypto'
import type { ConfigurationFollower } from '@jethook/configuration'
import { createId, operationsSubject, MessageHeader, type DomainEvent, type OperationalEvent } from '@jethook/contracts'
import { messageHeaders, type Publisher } from '@jethook/runtime'
import { caughtUp } from '../append/caught-up.ts'
import type { Signals } from '../signals.ts'
import type { Handle } from './consume-shared.ts'

export interface AnnounceChangeOptions {
  readonly follower: ConfigurationFollower
  readonly publisher: Publisher
  readonly signals: Signals
}

const againInMs = 10_000

/** Tells on OPERATIONS that a subscription was disabled or enabled, if that is what this change of CONFIG says. */
export function createAnnounceChange({ follower, publisher, signals }: AnnounceChangeOptions): Handle<DomainEvent> {
  return async (change, { name }) => {
    const news = newsOf(change)
    if (!news) return 'done'
    try {
      await caughtUp(follower)
      const { tenant, subscriptionId } = news
      const subscription = follower.configuration.subscription(tenant, subscriptionId)
      // Deleted in the meantime: nobody needs to hear any more.
      if (!subscription) return 'done'
      const id = createId('evt', news.at, Buffer.from(hash('sha256', name, 'hex').slice(0, 20), 'hex'))
      const notice: OperationalEvent = { ...news, id, url: subscription.url }
      const header = messageHeaders({ [MessageHeader.messageId]: id })
      await publisher.publish(operationsSubject(tenant, notice.type), JSON.stringify(notice), header)
      return 'done'
    } catch (error) {
      signals.changeNotAnnounced(change, error)
      return { againInMs }
    }
  }
}

type News = OperationalEvent extends infer N ? (N extends OperationalEvent ? Omit<N, 'id' | 'url'> : never) : never

/** What subscribers and contacts hear of; what a subscription's owner does to it otherwise they know. */
export function newsOf(change: DomainEvent): News | undefined {
  switch (change.type) {
    case 'SubscriptionDisabled': {
      const { tenant, at, subscriptionId, reason, failures: consecutiveFailures, firstFailureAt: failingSince } = change
      return { type: 'webhook.disabled', tenant, at, subscriptionId, reason, consecutiveFailures, failingSince }
    }
    case 'SubscriptionEnabled':
      return enabled(change)
    case 'SubscriptionUpdated':
      return change.enables && enabled(change)
    case 'SubscriptionCreated':
    case 'SubscriptionPaused':
    case 'SubscriptionResumed':
    case 'SubscriptionSecretRotated':
    case 'SubscriptionDeleted':
    case 'SecretLinkCreated':
    case 'SecretLinkUsed':
    case 'TenantCreated':
    case 'TenantUpdated':
    case 'ProfileCreated':
    case 'ProfileUpdated':
    case 'ApiKeyCreated':
    case 'ApiKeyRevoked':
    case 'AppCreated':
    case 'AppSecretRotated':
    case 'AppDeleted':
    case 'AppGranted':
      return undefined
  }
}

function enabled({ tenant, at, subscriptionId, by }: Extract<DomainEvent, { subscriptionId: string }>): News {
  return { type: 'webhook.enabled', tenant, at, subscriptionId, by }
}
