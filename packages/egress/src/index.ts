export {
  parseNetworks,
  parsePolicy,
  parsePorts,
  type EgressPolicy,
  type EgressSettings,
  type PortRange,
} from './policy/parse-policy.ts'
export { parseProxy } from './policy/parse-proxy.ts'
export { egressOptions, egressSettings } from './policy/egress-settings.ts'
export { judgeAddress, type NetworkRules } from './addresses/judge-address.ts'
export type { Network } from './addresses/network.ts'
export { checkUrl, portOf } from './destination/check-url.ts'
export { checkDestination, type CheckOptions } from './destination/check-destination.ts'
export { EgressRefusedError, type Refusal, type RefusalCode } from './destination/refusal.ts'
export { createLookup, lookupInSystem, lookupThrough, type Lookup } from './destination/lookup.ts'
export { EgressProxyError } from './connect/connect-through-proxy.ts'
export type { ConnectionStep } from './connect/progress.ts'
export { parseCertificates, type TlsOptions } from './connect/tls-context.ts'
export { createEgressAgent, type EgressOptions } from './http/create-egress-agent.ts'
export { createEgressAgents, type EgressAgents, type EgressAgentsOptions } from './http/create-egress-agents.ts'
export type { EgressAgent } from './http/egress-agent.ts'
export type { PendingRequest, RequestHandler, UsedConnection } from './http/pending-request.ts'
export type { EgressRequest } from './http/render-request.ts'
