import { z } from 'zod'
import type { EgressOptions } from '../http/create-egress-agent.ts'
import { readAuthorities } from '../connect/tls-context.ts'
import { createLookup, parseServers } from '../destination/lookup.ts'
import { parseNetworks, parsePolicy, parsePorts, type EgressSettings } from './parse-policy.ts'
import { parseProxy } from './parse-proxy.ts'

/** For a service's `config.ts`: every service that makes requests for customers, or checks where they may go, has these. */
export const egressSettings = {
  ALLOWED_NETWORKS: parsedBy(parseNetworks),
  DENIED_NETWORKS: parsedBy(parseNetworks),
  ALLOWED_PORTS: parsedBy(parsePorts),
  HTTPS_ONLY: z.stringbool('it must be true or false').optional(),
  EGRESS_PROXY: parsedBy(parseProxy),
  EGRESS_CA_FILE: parsedBy(readAuthorities),
  DNS_SERVERS: parsedBy(parseServers),
}

/** What the settings say, for `createEgressAgents`, `checkUrl` and `checkDestination`. */
export function egressOptions(settings: EgressSettings): EgressOptions & Required<Pick<EgressOptions, 'lookup'>> {
  const { EGRESS_PROXY: proxy, EGRESS_CA_FILE: caFile, DNS_SERVERS: servers } = settings
  return {
    policy: parsePolicy(settings),
    lookup: createLookup(servers),
    ...(proxy !== undefined && { proxy: parseProxy(proxy) }),
    ...(caFile !== undefined && { tls: { ca: readAuthorities(caFile) } }),
  }
}

/** `parse` throws what is wrong, as the end of a sentence. */
function parsedBy(parse: (text: string) => unknown): z.ZodOptional<z.ZodString> {
  return z
    .string()
    .superRefine((text, context) => {
      try {
        parse(text)
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message })
      }
    })
    .optional()
}
