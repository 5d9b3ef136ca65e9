import { call } from './api.ts'

export const DEMO_TENANT = 'lumire'
export const DEMO_EVENTS = ['deposit.settled', 'withdrawal.requested'] as const

/** What the demo knows from earlier starts: keys and secrets are shown once, so it keeps them. */
export interface Demo {
  readonly apiKey: string
  readonly subscriptionId: string
  readonly secret: string
}

export interface DemoOptions {
  readonly api: string
  readonly operatorKey: string
  readonly receiverUrl: string
  readonly known: Demo | undefined
}

/** The tenant, its API key and a subscription of our receiver: those of the last start, as far as they are still there. */
export async function setUpDemo(options: DemoOptions): Promise<Demo> {
  const { api, operatorKey, receiverUrl, known } = options
  const tenant = { id: DEMO_TENANT, name: 'Lumire', profile: 'lumirecrm' }
  await call('POST', `${api}/v1/tenants`, { key: operatorKey, body: tenant, expect: [201, 409] })

  const subscriptions = `${api}/v1/webhooks/subscriptions`
  let apiKey = known?.apiKey
  if (known !== undefined && apiKey !== undefined) {
    const found = await call('GET', `${subscriptions}/${known.subscriptionId}`, {
      key: apiKey,
      expect: [200, 401, 403, 404],
    })
    if (found.status === 200) {
      if (found.body['url'] !== receiverUrl) {
        const body = { url: receiverUrl }
        await call('PATCH', `${subscriptions}/${known.subscriptionId}`, { key: apiKey, body, expect: [200] })
      }
      return known
    }
    // Other data than last time: another NATS_URL, or a folder that was removed.
    if (found.status !== 404) apiKey = undefined
  }
  apiKey ??= await createKey(api, operatorKey)
  const body = { url: receiverUrl, events: DEMO_EVENTS }
  const created = await call('POST', subscriptions, { key: apiKey, body, expect: [201] })
  return { apiKey, subscriptionId: String(created.body['id']), secret: String(created.body['secret']) }
}

async function createKey(api: string, operatorKey: string): Promise<string> {
  const body = { name: 'demo', role: 'admin' }
  const created = await call('POST', `${api}/v1/tenants/${DEMO_TENANT}/keys`, { key: operatorKey, body, expect: [201] })
  return String(created.body['key'])
}
