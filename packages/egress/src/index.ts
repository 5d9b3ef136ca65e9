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
export { checkUrl } from './destination/check-url.ts'
export { checkDestination, type CheckOptions } from './destination/check-destination.ts'
export { EgressRefusedError, type Refusal, type RefusalCode } from './destination/refusal.ts'
export { createLookup, lookupInSystem, lookupThrough, type Lookup } from './destination/lookup.ts'
export { createEgressAgent, type EgressOptions } from './connect/create-egress-agent.ts'
export { createEgressAgents, type EgressAgents, type EgressAgentsOptions } from './connect/create-egress-agents.ts'
export { EgressProxyError } from './connect/connect-through-proxy.ts'
export { maxHeaders, type EgressDispatchOptions } from './connect/egress-client.ts'
export {
  watchConnection,
  type ConnectionStep,
  type ConnectionWatch,
  type UsedConnection,
} from './connect/connection.ts'
export { parseCertificates, type TlsOptions } from './connect/tls-context.ts'
