import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSubscriptions, type Fixture } from './start-subscriptions.ts'

let fixture: Fixture
/** Routes by their tag in the API reference. */
let routes: Map<string, string[]>

beforeAll(async () => {
  fixture = await startSubscriptions()
  const { body } = await fixture.call('GET', '/docs/json')
  const paths = Object.entries(body['paths'] as Record<string, Record<string, { tags: [string] }>>)
  const all = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { tags }]) => ({ tag: tags[0], route: `${method} ${path}` })),
  )
  routes = new Map([...Map.groupBy(all, ({ tag }) => tag)].map(([tag, of]) => [tag, of.map(({ route }) => route)]))
})
afterAll(() => fixture?.dispose())

test('the API reference says which header takes the key', async () => {
  const { body } = await fixture.call('GET', '/docs/json')
  expect(body).toMatchObject({
    components: { securitySchemes: { lucraApiKey: { type: 'apiKey', in: 'header', name: 'X-Lucra-Api-Key' } } },
    paths: {
      '/api/rest/webhook/configs': { get: { security: [{ lucraApiKey: [] }] } },
      '/t/{tenantSlug}/api/v1/webhooks': { get: { security: [{ bearer: [] }] } },
      '/secret-links/{token}': { get: { security: [] } },
    },
  })
})

const lumoAuth = (base: string): string[] => [
  `post ${base}`,
  `get ${base}`,
  `get ${base}/{id}`,
  `put ${base}/{id}`,
  `delete ${base}/{id}`,
  `get ${base}/{id}/deliveries`,
  `post ${base}/{id}/rotate-secret`,
  `post ${base}/{id}/enable`,
  `post ${base}/{id}/disable`,
]

test.each([
  [
    'Lucra',
    [
      'post /api/rest/webhook/configs',
      'get /api/rest/webhook/configs',
      'get /api/rest/webhook/configs/{id}',
      'put /api/rest/webhook/configs/{id}',
      'delete /api/rest/webhook/configs/{id}',
      'post /api/rest/webhook/configs/{id}/rotate-secret',
      'post /api/rest/webhook/configs/{id}/secret-link',
    ],
  ],
  ['Secret links', ['get /secret-links/{token}', 'post /secret-links/{token}']],
  [
    'Lumin Sign',
    [
      'get /v1/account/webhook',
      'put /v1/account/webhook',
      'delete /v1/account/webhook',
      'post /v1/account/api-key/rotate',
    ],
  ],
  [
    'Apps',
    [
      'post /v1/apps',
      'get /v1/apps',
      'get /v1/apps/{id}',
      'delete /v1/apps/{id}',
      'post /v1/apps/{id}/rotate-secret',
      'get /v1/apps/{id}/webhook',
      'put /v1/apps/{id}/webhook',
      'delete /v1/apps/{id}/webhook',
      'get /v1/apps/{id}/grants/{userId}',
      'put /v1/apps/{id}/grants/{userId}',
      'delete /v1/apps/{id}/grants/{userId}',
    ],
  ],
  [
    'LumoAuth',
    [
      ...lumoAuth('/t/{tenantSlug}/api/v1/webhooks'),
      ...lumoAuth('/t/{tenantSlug}/api/v1/admin/webhooks'),
      ...lumoAuth('/orgs/{orgId}/api/v1/admin/webhooks'),
    ],
  ],
])('the API reference describes the routes of %s', (tag, expected) => {
  expect(routes.get(tag)?.toSorted()).toEqual(expected.toSorted())
})
