import type { SubscriptionSettings } from '@jethook/contracts'
import type { SubscriptionEvent } from '@jethook/configuration'

/** A subscription as it is shown: no secret, and still there when it was deleted. Times are milliseconds since the epoch. */
export interface SubscriptionRow extends SubscriptionSettings {
  readonly id: string
  readonly tenant: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly deletedAt: number | null
}

/** What the row is after an event; undefined when the subscription was never created. */
export function evolveSubscriptionRow(
  row: SubscriptionRow | undefined,
  event: SubscriptionEvent,
): SubscriptionRow | undefined {
  switch (event.type) {
    case 'SubscriptionCreated': {
      const { subscriptionId: id, tenant, settings, at } = event
      return { ...settings, id, tenant, createdAt: at, updatedAt: at, deletedAt: null }
    }
    case 'SubscriptionUpdated':
      return row && ({ ...row, ...event.changes, updatedAt: event.at } as SubscriptionRow)
    case 'SubscriptionDisabled':
    case 'SubscriptionEnabled':
      return row && { ...row, active: event.type === 'SubscriptionEnabled', updatedAt: event.at }
    case 'SubscriptionPaused':
    case 'SubscriptionResumed':
    case 'SubscriptionSecretRotated':
      return row && { ...row, updatedAt: event.at }
    case 'SecretLinkCreated':
    case 'SecretLinkUsed':
      return row
    case 'SubscriptionDeleted':
      return row && { ...row, updatedAt: event.at, deletedAt: event.at }
  }
}
