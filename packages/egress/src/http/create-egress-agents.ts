import { createHash } from 'node:crypto'
import type { TlsOptions } from '../connect/tls-context.ts'
import { createEgressAgent, type EgressOptions } from './create-egress-agent.ts'
import type { EgressAgent } from './egress-agent.ts'
import { OpenConnections } from './open-connections.ts'

export interface EgressAgents {
  /** For requests without a client certificate. */
  readonly standard: EgressAgent
  /**
   * For requests with a client certificate: the same certificate gets the same agent, and so its open connections. Ask
   * again for each request: an agent that was not asked for in a long time is closed.
   */
  agentFor(certificate: TlsOptions): EgressAgent
  /** Resolves when all requests have ended and all connections are closed. */
  close(): Promise<void>
}

export interface EgressAgentsOptions extends EgressOptions {
  /**
   * How many agents with certificates are kept at most; the least recently used one makes room. With authorities of
   * the deployment (`tls.ca`) each takes 1.2 MB and 10 ms to set up, without 3 KB and 0.2 ms, and its connections.
   */
  readonly maxAgents?: number
  /** How many connections are kept open, over all agents: beyond that, idle ones are closed. */
  readonly maxConnections?: number
}

/** `tls.ca` is trusted by every agent, with or without a client certificate. */
export function createEgressAgents({ maxAgents = 100, maxConnections, ...rest }: EgressAgentsOptions): EgressAgents {
  const options = { ...rest, openConnections: new OpenConnections(maxConnections) }
  const standard = createEgressAgent(options)
  const agents = new Map<string, EgressAgent>()
  const closing = new Set<Promise<void>>()

  const close = (agent: EgressAgent): void => {
    const closed = agent.close().finally(() => closing.delete(closed))
    closing.add(closed)
  }

  return {
    standard,
    agentFor(certificate) {
      const key = keyOf(certificate)
      const agent =
        agents.get(key) ?? createEgressAgent({ ...options, tls: withDeploymentCa(certificate, options.tls) })
      // A map is in the order of insertion: the first entry is the one not used for longest.
      agents.delete(key)
      agents.set(key, agent)
      const [oldest] = agents
      if (agents.size > maxAgents && oldest) {
        agents.delete(oldest[0])
        close(oldest[1])
      }
      return agent
    },
    async close() {
      for (const agent of [standard, ...agents.values()]) close(agent)
      agents.clear()
      await Promise.all(closing)
    },
  }
}

function withDeploymentCa(certificate: TlsOptions, deployment: TlsOptions = {}): TlsOptions {
  const ca = [deployment.ca, certificate.ca].filter((pem) => pem !== undefined).join('\n')
  return ca === '' ? certificate : { ...certificate, ca }
}

/** Hashed once per object: whoever holds on to the object asks for its agent at the price of two map lookups. */
const keys = new WeakMap<TlsOptions, string>()

function keyOf(certificate: TlsOptions): string {
  let key = keys.get(certificate)
  if (key === undefined) {
    const { cert, key: privateKey, ca, passphrase } = certificate
    key = createHash('sha256')
      .update(JSON.stringify([cert, privateKey, ca, passphrase]))
      .digest('base64')
    keys.set(certificate, key)
  }
  return key
}
