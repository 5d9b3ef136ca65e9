import { Pool, ProxyAgent, type buildConnector, type Client, type Dispatcher } from 'undici'
import { lookupInSystem, shareLookups, type Lookup } from '../destination/lookup.ts'
import type { EgressPolicy } from '../policy/parse-policy.ts'
import { connectDirectly, type OpenConnection } from './connect-directly.ts'
import { connectThroughProxy } from './connect-through-proxy.ts'
import { EgressAgent } from './egress-agent.ts'
import { EgressClient } from './egress-client.ts'
import { OpenConnections } from './open-connections.ts'
import { tlsContext, type TlsOptions } from './tls-context.ts'

export interface EgressOptions {
  readonly policy: EgressPolicy
  readonly tls?: TlsOptions
  /** How names are resolved; as the machine does by default. */
  readonly lookup?: Lookup
  /** Connect through this HTTP proxy (CONNECT), which then resolves the names. */
  readonly proxy?: URL | undefined
  /** For DNS, TCP and TLS together. */
  readonly connectTimeoutMs?: number
  /** How long an idle connection is kept, unless the receiver hints at less. */
  readonly keepAliveMs?: number
  /** Shared by agents that are not to have more connections than this together. */
  readonly openConnections?: OpenConnections
}

/**
 * An agent (keep-alive connections per origin, no redirects, HTTP/1.1) that connects to permitted
 * destinations only. Others fail with EgressRefusedError. All checking is done when a connection is made: a request on
 * an open connection costs nothing more.
 */
export function createEgressAgent(options: EgressOptions): Dispatcher {
  const { policy, proxy, connectTimeoutMs = 10_000, keepAliveMs = 30_000 } = options
  const secureContext = tlsContext(options.tls ?? {})
  const common: Client.Options = {
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
  }
  const openConnections = options.openConnections ?? new OpenConnections()

  if (!proxy) {
    const lookup = shareLookups(options.lookup ?? lookupInSystem)
    const open = connectDirectly({ policy, lookup, secureContext, timeoutMs: connectTimeoutMs })
    return new EgressAgent((origin) => new EgressClient(origin, common, open, openConnections))
  }
  return new ProxyAgent({
    ...common,
    uri: proxy.href,
    // Plain http is tunnelled too: a proxy that forwards it would see, and could change, what is delivered.
    proxyTunnel: true,
    connectTimeout: connectTimeoutMs,
    // The proxy answers CONNECT when it has connected: the same time again as for reaching the proxy.
    clientFactory: (origin, poolOptions) => new Pool(origin, { ...poolOptions, headersTimeout: connectTimeoutMs }),
    factory: (origin, clientOptions) => {
      const { connect } = clientOptions as { connect: buildConnector.connector }
      const open = connectThroughProxy({ policy, secureContext, timeoutMs: connectTimeoutMs }, connect)
      return createPool(origin, clientOptions, open, openConnections)
    },
  })
}

function createPool(origin: string | URL, options: object, open: OpenConnection, connections: OpenConnections): Pool {
  return new Pool(origin, {
    ...options,
    factory: (clientOrigin, clientOptions) => new EgressClient(clientOrigin, clientOptions, open, connections),
  })
}
