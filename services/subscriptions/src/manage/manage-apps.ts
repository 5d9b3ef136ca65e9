import { secretOwner, type App, type Configuration, type SecretBox } from '@jethook/configuration'
import { createId } from '@jethook/contracts'
import { generateSecret } from '@jethook/profiles'
import type { AppendDecision } from '../append/append-decision.ts'
import { createApp } from '../decide/create-app.ts'
import { deleteApp } from '../decide/delete-app.ts'
import { grantApp } from '../decide/grant-app.ts'
import { rotateAppSecret } from '../decide/rotate-app-secret.ts'
import { webhookOf } from '../decide/set-webhook.ts'
import { requireApp, requireProfile, stateOf } from '../decide/tenant-state.ts'
import type { Actor } from './manage-subscriptions.ts'
import type { ManageWebhooks } from './manage-webhooks.ts'

export interface AppWithNewSecret {
  readonly app: App
  readonly secret: string
}

/** They throw what the deciders throw. */
export interface ManageApps {
  /** In the order of their creation. */
  list(tenant: string): App[]
  find(tenant: string, id: string): App
  create(
    actor: Actor,
    settings: { readonly name: string; readonly scopes: readonly string[] },
  ): Promise<AppWithNewSecret>
  rotateSecret(actor: Actor, id: string): Promise<AppWithNewSecret>
  /** And its webhook. */
  delete(actor: Actor, id: string): Promise<void>
  grantedScopes(tenant: string, id: string, userId: string): string[]
  grant(actor: Actor, id: string, userId: string, scopes: readonly string[]): Promise<void>
}

export interface ManageAppsOptions {
  readonly configuration: Configuration
  readonly append: AppendDecision
  readonly secretBox: SecretBox
  readonly webhooks: Pick<ManageWebhooks, 'delete'>
}

export function createManageApps({ configuration, append, secretBox, webhooks }: ManageAppsOptions): ManageApps {
  const find: ManageApps['find'] = (tenant, id) => requireApp(id, stateOf(configuration, tenant))
  const drawSecret = (tenant: string, appId: string) => {
    const plain = generateSecret(requireProfile(tenant, stateOf(configuration, tenant)))
    return { plain, sealed: secretBox.encrypt(plain, secretOwner.app(tenant, appId)) }
  }

  return {
    list: (tenant) => [...configuration.apps(tenant).values()],
    find,
    async create({ tenant, by }, { name, scopes }) {
      const at = Date.now()
      const appId = createId('app', at)
      const { plain, sealed } = drawSecret(tenant, appId)
      await append(tenant, (state) => createApp({ tenant, by, at, appId, name, scopes, secret: sealed }, state))
      return { app: find(tenant, appId), secret: plain }
    },
    async rotateSecret({ tenant, by }, appId) {
      const { plain, sealed } = drawSecret(tenant, appId)
      const command = { tenant, by, at: Date.now(), appId, secret: sealed }
      await append(tenant, (state) => rotateAppSecret(command, state))
      return { app: find(tenant, appId), secret: plain }
    },
    async delete(actor, appId) {
      const { tenant, by } = actor
      const { id } = find(tenant, appId)
      if (webhookOf(id, stateOf(configuration, tenant))) await webhooks.delete(actor, id)
      await append(tenant, (state) => deleteApp({ tenant, by, at: Date.now(), appId }, state))
    },
    grantedScopes(tenant, appId, userId) {
      const { id } = find(tenant, appId)
      return [...configuration.grantedScopes(tenant, id, userId)]
    },
    async grant({ tenant, by }, appId, userId, scopes) {
      await append(tenant, (state) => grantApp({ tenant, by, at: Date.now(), appId, userId, scopes }, state))
    },
  }
}
