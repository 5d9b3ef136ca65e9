import { authenticate, type Caller, type Configuration, type ConfigurationFollower } from '@jethook/configuration'
import { ProblemError, type Profile, type Role } from '@jethook/contracts'
import { shippedProfiles } from '@jethook/profiles'
import { caughtUp } from '../append/caught-up.ts'

/** What is read of a request; Fastify's fits. */
interface Incoming {
  readonly headers: Record<string, string | string[] | undefined>
  readonly params?: unknown
}

/** The APIs that only tenants of certain profiles have. */
export type ProviderApi = NonNullable<Profile['api']>

type Check = (request: Incoming) => Promise<void>

/** A key of the tenant that the request is about. */
export interface TenantCaller {
  readonly tenant: string
  readonly by: string
}

/**
 * Who may do what: each route names one check, which runs before anything of the request is parsed. It first lets
 * the configuration catch up, so that a key revoked, or anything else changed, through any replica counts here.
 */
export interface Access {
  /** Whoever it is, without a key. */
  readonly anyone: Check
  readonly operator: Check
  /** The operator, or an admin key of the tenant that the path names. */
  readonly adminOfPath: Check
  /** A tenant's key with one of these roles. */
  tenant(...roles: Role[]): Check
  /** A tenant's key with one of the roles that its profile lets change subscriptions. */
  readonly writer: Check
  /** For a provider's own API: a key of a tenant that has this API and, where the path names a tenant, of that one. */
  provider(api: ProviderApi, permission: 'read' | 'write'): Check
  /** The operator, or a tenant's key with one of these roles. */
  operatorOrTenant(...roles: Role[]): Check
  callerOf(request: object): Caller
  tenantOf(request: object): TenantCaller
}

export function createAccess(follower: ConfigurationFollower, operatorKey: string): Access {
  const callers = new WeakMap<object, Caller>()

  const identify = async (request: Incoming, header?: string): Promise<Caller> => {
    await caughtUp(follower)
    const caller = authenticate(follower.configuration, request.headers, operatorKey, header)
    callers.set(request, caller)
    return caller
  }
  const callerOf = (request: object): Caller => {
    const caller = callers.get(request)
    if (caller) return caller
    throw new Error('This route has no access check.')
  }

  return {
    anyone: () => caughtUp(follower),
    async operator(request) {
      const caller = await identify(request)
      if (caller.kind !== 'operator') throw new ProblemError('forbidden', 'Only the operator key may do this.')
    },
    async adminOfPath(request) {
      const caller = await identify(request)
      if (caller.kind === 'operator') return
      requireRole(caller.role, ['admin'])
      const { tenant } = request.params as { tenant: string }
      requireTenantOfPath(tenant, caller.tenant)
    },
    tenant: (...roles) => {
      return async (request) => {
        const caller = await identify(request)
        if (caller.kind === 'operator') throw operatorWithoutTenant()
        requireRole(caller.role, roles)
      }
    },
    async writer(request) {
      const caller = await identify(request)
      if (caller.kind === 'operator') throw operatorWithoutTenant()
      requireRole(caller.role, writersOf(follower.configuration, caller.tenant))
    },
    provider: (api, permission) => {
      const header = shippedProfiles.get(api)?.apiKey.header
      return async (request) => {
        const caller = await identify(request, header)
        if (caller.kind === 'operator') throw operatorWithoutTenant()
        const { tenantSlug, orgId } = (request.params ?? {}) as { tenantSlug?: string; orgId?: string }
        requireTenantOfPath(tenantSlug ?? orgId, caller.tenant)
        requireApi(api, caller.tenant, follower.configuration.profileOf(caller.tenant))
        const writers = writersOf(follower.configuration, caller.tenant)
        requireRole(caller.role, permission === 'write' ? writers : ['admin', 'support'])
      }
    },
    operatorOrTenant: (...roles) => {
      return async (request) => {
        const caller = await identify(request)
        if (caller.kind === 'key') requireRole(caller.role, roles)
      }
    },
    callerOf,
    tenantOf(request) {
      const caller = callerOf(request)
      if (caller.kind === 'operator') throw operatorWithoutTenant()
      return { tenant: caller.tenant, by: caller.keyId }
    },
  }
}

/** As domain events name the caller. */
export const nameOf = (caller: Caller): string => (caller.kind === 'operator' ? 'operator' : caller.keyId)

/** Whether another tenant exists is nobody else's business. */
function requireTenantOfPath(tenant: string | undefined, own: string): void {
  if (tenant !== undefined && tenant !== own) throw new ProblemError('unknown_tenant', `There is no tenant ${tenant}.`)
}

function requireApi(api: ProviderApi, tenant: string, profile: Profile | undefined): void {
  if (profile?.api === api) return
  throw new ProblemError(
    'other_api',
    `This is the API of the profile ${api}; the tenant ${tenant} has the profile ${profile?.name}. ` +
      'Every tenant has the API under /v1: see /docs.',
  )
}

const writersOf = (configuration: Configuration, tenant: string): readonly Role[] =>
  configuration.profileOf(tenant)?.writers ?? []

/** An owner may do all that an admin may. */
function requireRole(role: Role, allowed: readonly Role[]): void {
  if (allowed.includes(role) || (role === 'owner' && allowed.includes('admin'))) return
  throw new ProblemError(
    'forbidden',
    `This needs an API key with the role ${allowed.join(' or ')}; this one has the role ${role}.`,
  )
}

function operatorWithoutTenant(): ProblemError {
  return new ProblemError(
    'forbidden',
    'The operator key belongs to no tenant. Use an API key of the tenant: POST /v1/tenants/{tenant}/keys makes one.',
  )
}
