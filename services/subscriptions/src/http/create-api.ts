import type { ConfigurationFollower } from '@jethook/configuration'
import { createHttpServer, type HttpServer, type HttpServerOptions } from '@jethook/runtime'
import { serveAppWebhooks, type AppWebhookRoutes } from './apps/serve-app-webhooks.ts'
import { serveApps, type AppRoutes } from './apps/serve-apps.ts'
import { serveGrants, type GrantRoutes } from './apps/serve-grants.ts'
import { serveAccount, type AccountRoutes } from './lumin-sign/serve-account.ts'
import { serveApiKeys, type ApiKeyRoutes } from './serve-api-keys.ts'
import { serveDeliveries, type DeliveryRoutes } from './serve-deliveries.ts'
import { serveEvents, type EventRoutes } from './serve-events.ts'
import { serveLucra, type LucraRoutes } from './lucra/serve-lucra.ts'
import { serveLumoAuth, type LumoAuthRoutes } from './lumoauth/serve-lumoauth.ts'
import { serveSecretLinks, type SecretLinkRoutes } from './secret-links/serve-secret-links.ts'
import { serveProfiles, type ProfileRoutes } from './serve-profiles.ts'
import { serveSubscriptions, type SubscriptionRoutes } from './serve-subscriptions.ts'
import { serveTenants, type TenantRoutes } from './serve-tenants.ts'

export type ApiParts = TenantRoutes &
  ProfileRoutes &
  ApiKeyRoutes &
  SubscriptionRoutes &
  DeliveryRoutes &
  EventRoutes &
  LucraRoutes &
  LumoAuthRoutes &
  AppRoutes &
  AppWebhookRoutes &
  GrantRoutes &
  AccountRoutes &
  SecretLinkRoutes

const reference = {
  title: 'Jethook',
  description:
    'Subscribe URLs to events, watch and replay their deliveries. Send an API key in the header `X-API-Key`. ' +
    'Errors are problem documents (RFC 9457) with a stable `code`.',
  keyHeaders: { lucraApiKey: 'X-Lucra-Api-Key' },
}

export async function createApi(
  options: Pick<HttpServerOptions, 'logger' | 'metrics' | 'notReady'>,
  follower: Pick<ConfigurationFollower, 'knownToAll'>,
  parts: ApiParts,
): Promise<HttpServer> {
  const app = await createHttpServer({ ...options, reference })
  // Whoever made a change, or read of it, may rely on it with whichever process.
  app.addHook('onSend', () => follower.knownToAll())
  serveTenants(app, parts)
  serveProfiles(app, parts)
  serveApiKeys(app, parts)
  serveSubscriptions(app, parts)
  serveDeliveries(app, parts)
  serveEvents(app, parts)
  serveSecretLinks(app, parts)
  serveApps(app, parts)
  serveAppWebhooks(app, parts)
  serveGrants(app, parts)
  serveLucra(app, parts)
  serveAccount(app, parts)
  serveLumoAuth(app, parts)
  return app
}
