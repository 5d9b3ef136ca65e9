import { execFileSync, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor, type Receiver, type Recorded } from '../infrastructure/index.ts'
import { startPipeline, type Delivery, type Pipeline, type Tenant } from '../pipeline/pipeline.ts'

/** Lumin Sign's public page on account webhooks, word for word. */
const page = readFileSync(join(import.meta.dirname, 'lumin-sign.txt'), 'utf8')
const [, apiKey = ''] = /^api_key='(.*)'$/m.exec(page) ?? []
const [, json = ''] = /^json='(.*)'$/m.exec(page) ?? []
const [, command = '', printedSignature = ''] =
  /^(echo -n .*\$api_key) \(X-Signature = ([0-9a-f]{64})\)$/m.exec(page) ?? []
const eventType = 'signature_request_sent'

/** The page's own line, run by a shell, where there is openssl. */
const hasOpenssl = spawnSync('openssl', ['version']).status === 0
function signatureByThePage(body: string, key: string): string {
  if (!hasOpenssl) return createHmac('sha256', key).update(body).digest('hex')
  const line = command.replace('$json', '"$json"').replace('$api_key', '"$api_key"')
  // bash, for `echo -n` is not the same everywhere.
  const output = execFileSync('bash', ['-c', line], { env: { ...process.env, json: body, api_key: key } })
  return output.toString().trim().split('= ').at(-1) ?? ''
}

const isGenuine = ({ headers, body }: Recorded, key: string): boolean =>
  headers['x-signature'] === signatureByThePage(body.toString(), key)

let pipeline: Pipeline
let workspaces = 0

beforeAll(async () => {
  pipeline = await startPipeline({ https: true })
})
afterAll(() => pipeline?.stop())

interface Reply<T> {
  readonly status: number
  readonly body: T
}

interface Workspace extends Tenant {
  /** Calls with the owner's key, unless another one is given. */
  owner<T>(method: string, path: string, body?: unknown, key?: string): Promise<Reply<T>>
}

/** A workspace whose owner has the primary key. */
async function createWorkspace(key?: string): Promise<Workspace & { readonly ownerKey: string }> {
  const tenant = await pipeline.createTenant(`workspace-${++workspaces}`, 'lumin-sign')
  const wanted = { name: 'owner', role: 'owner', primary: true, ...(key && { key }) }
  const created = await pipeline.operate<{ key: string }>('POST', `/v1/tenants/${tenant.id}/keys`, wanted)
  const ownerKey = created.body.key
  return {
    ...tenant,
    ownerKey,
    async owner<T>(method: string, path: string, body?: unknown, as = ownerKey): Promise<Reply<T>> {
      const answer = await fetch(`${pipeline.services.subscriptions.url}${path}`, {
        method,
        headers: { 'X-API-Key': as, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      return { status: answer.status, body: (text ? JSON.parse(text) : undefined) as T }
    },
  }
}

async function withWebhook(workspace: Workspace, receiver: Receiver): Promise<{ id: string }> {
  const { status, body } = await workspace.owner<{ id: string }>('PUT', '/v1/account/webhook', { url: receiver.url })
  if (status !== 200) throw new Error(`Not set: ${JSON.stringify(body)}`)
  return body
}

test('the page has the example that is tested here', () => {
  expect(apiKey).toBe('my_primary_api_key')
  expect(printedSignature).toBe('3810cb411041efab279d31698b9584372e5ede9d1641fbb354810f16e51be81c')
  expect(signatureByThePage(json, apiKey)).toBe(printedSignature)
})

describe('account webhooks', () => {
  test('the example of the page, published to NATS, arrives byte for byte with the signature that is printed there', async () => {
    const workspace = await createWorkspace(apiKey)
    const receiver = await pipeline.receiver()
    await withWebhook(workspace, receiver)
    await workspace.publish(eventType, json)
    const [request] = (await receiver.waitFor(1)) as [Recorded]
    expect(request.body.toString()).toBe(json)
    expect(request.headers['x-signature']).toBe(printedSignature)
    expect(request.headers['user-agent']).toBe('Lumin Sign API')
    expect(request.headers['content-type']).toBe('application/json')
  })

  test('"Only the Workspace Owner can create or update the Webhook URL", and it is "HTTPS required"', async () => {
    const workspace = await createWorkspace()
    const url = 'https://your-app.example.com/lumin'
    const refused = await workspace.call('PUT', '/v1/account/webhook', { url })
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    const plain = await workspace.owner('PUT', '/v1/account/webhook', { url: url.replace('https', 'http') })
    expect(plain).toMatchObject({ status: 422, body: { code: 'invalid_url' } })
    expect(await workspace.owner('PUT', '/v1/account/webhook', { url })).toMatchObject({ status: 200, body: { url } })
  })

  test('"No filtering", "One request per event": every event type arrives, whoever published it', async () => {
    const workspace = await createWorkspace()
    const receiver = await pipeline.receiver()
    await withWebhook(workspace, receiver)
    const { body } = await workspace.call<{ data: { name: string }[] }>('GET', '/v1/event-types')
    expect(body.data.length).toBeGreaterThanOrEqual(7)
    for (const { name } of body.data) await workspace.publish(name, json.replace(eventType, name))
    const received = await receiver.waitFor(body.data.length)
    const types = received.map((request) => (request.json() as { event: { event_type: string } }).event.event_type)
    expect(types.toSorted()).toEqual(body.data.map(({ name }) => name).toSorted())
    expect(received.every((request) => isGenuine(request, workspace.ownerKey))).toBe(true)
  })

  test('with another primary API key, the next event is signed with it', async () => {
    const workspace = await createWorkspace()
    const receiver = await pipeline.receiver()
    await withWebhook(workspace, receiver)
    const rotated = await workspace.owner<{ key: string }>('POST', '/v1/account/api-key/rotate')
    await workspace.publish(eventType, json)
    const [request] = (await receiver.waitFor(1)) as [Recorded]
    expect(isGenuine(request, rotated.body.key)).toBe(true)
    expect(isGenuine(request, workspace.ownerKey)).toBe(false)
  })

  test('"Return HTTP 200": anything else, 201 as well, is retried after 5 minutes', async () => {
    const workspace = await createWorkspace()
    const receiver = await pipeline.receiver(() => 201)
    const { id } = await withWebhook(workspace, receiver)
    await workspace.publish(eventType, json)
    const failed = await waitFor(async () => {
      const [delivery] = await workspace.deliveries(id, '?status=retrying')
      return delivery as (Delivery & { nextAttemptAt: string; updatedAt: string }) | undefined
    })
    const pauseMs = Date.parse(failed.nextAttemptAt) - Date.parse(failed.updatedAt)
    expect(Math.round(pauseMs / 60_000)).toBe(5)
  })
})

describe('app webhooks', () => {
  const scope = 'sign:requests.read'
  const about = (user: string): string =>
    `{"event": {"event_time": 1694664207595, "event_type": "${eventType}", "user_id": "${user}"}}`

  async function withApp() {
    const workspace = await createWorkspace()
    const receiver = await pipeline.receiver()
    const app = await workspace.owner<{ id: string; signingSecret: string }>('POST', '/v1/apps', {
      name: 'Signer',
      scopes: [scope, 'sign:other'],
    })
    await workspace.owner('PUT', `/v1/apps/${app.body.id}/webhook`, { url: receiver.url })
    const grant = (user: string, scopes: string[]) =>
      workspace.owner(
        scopes.length ? 'PUT' : 'DELETE',
        `/v1/apps/${app.body.id}/grants/${user}`,
        scopes.length ? { scopes } : undefined,
      )
    return { workspace, receiver, app: app.body, grant }
  }

  test('get the events of users who granted the scope, signed with the app’s secret, and nobody else’s', async () => {
    const { workspace, receiver, app, grant } = await withApp()
    await grant('willing', [scope])
    await grant('partly', ['sign:other'])
    await workspace.publish(eventType, about('stranger'))
    await workspace.publish(eventType, about('partly'))
    await workspace.publish(eventType, json)
    await workspace.publish(eventType, about('willing'))
    await workspace.publish(eventType, json, { user: 'willing' })
    // What the producer says beside the payload counts, not what is in it.
    await workspace.publish(eventType, about('willing'), { user: 'stranger' })
    await workspace.publish(eventType, about('partly'), { user: 'willing' })
    const received = await receiver.waitFor(3)
    expect(received.every((request) => isGenuine(request, app.signingSecret))).toBe(true)
    expect(received.map(({ body }) => body.toString()).toSorted()).toEqual(
      [about('willing'), json, about('partly')].toSorted(),
    )
    await workspace.publish(eventType, about('willing'))
    expect((await receiver.waitFor(4)).length).toBe(4)
  })

  test('get nothing more of a user who takes the grant back', async () => {
    const { workspace, receiver, grant } = await withApp()
    for (const user of ['leaving', 'staying']) await grant(user, [scope])
    await workspace.publish(eventType, about('leaving'))
    await receiver.waitFor(1)
    await grant('leaving', [])
    await workspace.publish(eventType, about('leaving'))
    await workspace.publish(eventType, about('staying'))
    const received = await receiver.waitFor(2)
    expect(received.map(({ body }) => body.toString())).toEqual([about('leaving'), about('staying')])
  })

  test('are signed with the new signing secret after a rotation', async () => {
    const { workspace, receiver, app, grant } = await withApp()
    await grant('user', [scope])
    const rotated = await workspace.owner<{ signingSecret: string }>('POST', `/v1/apps/${app.id}/rotate-secret`)
    await workspace.publish(eventType, about('user'))
    const [request] = (await receiver.waitFor(1)) as [Recorded]
    expect(isGenuine(request, rotated.body.signingSecret)).toBe(true)
  })
})
