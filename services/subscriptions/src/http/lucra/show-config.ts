import type { Subscription } from '@jethook/configuration'
import type { LucraConfig } from '@jethook/contracts'
import { showHeaders } from '../../credentials/custom-headers.ts'
import { isoTime } from '../show-resources.ts'

export function showConfig(subscription: Subscription): LucraConfig {
  const { id, events, url, name = null, description, active, expiresAt = null } = subscription
  return {
    id,
    subscriptions: events,
    url,
    name,
    description,
    active,
    customHeaders: showHeaders(subscription),
    expiresAt: expiresAt === null ? null : isoTime(expiresAt),
    createdAt: isoTime(subscription.createdAt),
    updatedAt: isoTime(subscription.updatedAt),
  }
}
