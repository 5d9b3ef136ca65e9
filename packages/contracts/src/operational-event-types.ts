/**
 * What Jethook itself tells about webhooks. Subscriptions may name these event types beside those of any catalogue;
 * `*` does not take them in, for receivers of a provider's events do not expect them.
 */
export const operationalEventTypes = ['webhook.disabled', 'webhook.enabled', 'webhook.failing'] as const
export type OperationalEventType = (typeof operationalEventTypes)[number]

const names: ReadonlySet<string> = new Set(operationalEventTypes)

export const isOperationalEventType = (eventType: string): eventType is OperationalEventType => names.has(eventType)
