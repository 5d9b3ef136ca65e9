import { connectDirectly } from '../connect/connect-directly.ts'
import { connectThroughProxy } from '../connect/connect-through-proxy.ts'
import { tlsContext, type TlsOptions } from '../connect/tls-context.ts'
import { lookupInSystem, shareLookups, type Lookup } from '../destination/lookup.ts'
import type { EgressPolicy } from '../policy/parse-policy.ts'
import { EgressAgent } from './egress-agent.ts'
import { OpenConnections } from './open-connections.ts'

export interface EgressOptions {
  readonly policy: EgressPolicy
  readonly tls?: TlsOptions
  /** How names are resolved; as the machine does by default. */
  readonly lookup?: Lookup
  /** Connect through this HTTP proxy (CONNECT), which then resolves the names. */
  readonly proxy?: URL | undefined
  /** For DNS, TCP and TLS together; with a proxy for reaching it, again for its answer, and again for TLS. */
  readonly connectTimeoutMs?: number
  /** How long an idle connection is kept, unless the receiver hints at less. */
  readonly keepAliveMs?: number
  /** Shared by agents that are not to have more connections than this together. */
  readonly openConnections?: OpenConnections
}

/**
 * An agent that connects to permitted destinations only. Others fail with EgressRefusedError. All checking is done when a
 * connection is made: a request on an open connection costs nothing more.
 */
export function createEgressAgent(options: EgressOptions): EgressAgent {
  const { policy, proxy, connectTimeoutMs: timeoutMs = 10_000, keepAliveMs = 30_000 } = options
  const secureContext = tlsContext(options.tls ?? {})
  const open = proxy
    ? connectThroughProxy({ policy, proxy, secureContext, timeoutMs })
    : connectDirectly({ policy, lookup: shareLookups(options.lookup ?? lookupInSystem), secureContext, timeoutMs })
  return new EgressAgent({ open, connections: options.openConnections ?? new OpenConnections(), keepAliveMs })
}
