import type { Services } from '../../infrastructure/services.ts'

/** What of a subscription's settings the bench sets; as in `POST /v1/webhooks/subscriptions`. */
export interface SubscriptionRequest {
  readonly url: string
  readonly events: readonly string[]
  readonly timeoutMs?: number
  readonly retryScheduleMs?: readonly number[]
  readonly rateLimit?: { readonly perSecond: number; readonly burst: number }
  readonly ordered?: boolean
}

export interface Tenant {
  readonly id: string
  readonly key: string
  /** Returns its id. */
  subscribe(subscription: SubscriptionRequest): Promise<string>
  unsubscribe(subscriptionId: string): Promise<void>
}

/** Sets up tenants as an operator would, over HTTP. */
export async function createTenant(
  { subscriptions, operatorKey }: Services,
  id: string,
  profile = 'lumirecrm',
): Promise<Tenant> {
  const call = async (method: string, path: string, key: string, body?: unknown): Promise<Record<string, string>> => {
    const response = await fetch(`${subscriptions.url}${path}`, {
      method,
      headers: { 'x-api-key': key, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? {} : (JSON.parse(text) as Record<string, string>)
  }
  await call('POST', '/v1/tenants', operatorKey, { id, name: id, profile })
  const made = await call('POST', `/v1/tenants/${id}/keys`, operatorKey, { name: 'bench', role: 'admin' })
  const key = made['key'] ?? ''
  return {
    id,
    key,
    async subscribe(subscription) {
      const { id: subscriptionId = '' } = await call('POST', '/v1/webhooks/subscriptions', key, subscription)
      return subscriptionId
    },
    async unsubscribe(subscriptionId) {
      await call('DELETE', `/v1/webhooks/subscriptions/${subscriptionId}`, key)
    },
  }
}

const together = 16

/** Does work for each, some at the same time. */
export async function forEach<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const takeAll = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) await work(items[index]!, index)
  }
  await Promise.all(Array.from({ length: together }, takeAll))
}
