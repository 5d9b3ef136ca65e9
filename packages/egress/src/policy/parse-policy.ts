import { parseNetwork, type Network } from '../addresses/network.ts'
import type { NetworkRules } from '../addresses/judge-address.ts'

/** Where requests may go. */
export interface EgressPolicy extends NetworkRules {
  readonly allowedPorts: readonly PortRange[]
  readonly httpsOnly: boolean
}

/** Both ends included. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/** The settings by the names they have in the environment; what is not set has its default. */
export interface EgressSettings {
  readonly ALLOWED_NETWORKS?: string | undefined
  readonly DENIED_NETWORKS?: string | undefined
  readonly ALLOWED_PORTS?: string | undefined
  readonly HTTPS_ONLY?: boolean | undefined
  readonly EGRESS_PROXY?: string | undefined
  readonly EGRESS_CA_FILE?: string | undefined
  readonly DNS_SERVERS?: string | undefined
}

/**
 * The web's ports and those anyone may listen at. Other ports below 1024 belong to mail, remote shells, DNS, file
 * shares, …, whose servers must not be talked to on a stranger's behalf.
 */
export const defaultPorts = '80,443,1024-65535'

/** Throws a sentence that names the setting and what is wrong with it. */
export function parsePolicy(settings: EgressSettings): EgressPolicy {
  return {
    allowedNetworks: named('ALLOWED_NETWORKS', () => parseNetworks(settings.ALLOWED_NETWORKS ?? '')),
    deniedNetworks: named('DENIED_NETWORKS', () => parseNetworks(settings.DENIED_NETWORKS ?? '')),
    allowedPorts: named('ALLOWED_PORTS', () => parsePorts(settings.ALLOWED_PORTS ?? defaultPorts)),
    httpsOnly: settings.HTTPS_ONLY ?? false,
  }
}

/** `127.0.0.0/8, ::1`. Throws what is wrong, as the end of a sentence. */
export const parseNetworks = (text: string): readonly Network[] => listOf(text).map(parseNetwork)

/** `80,443,1024-65535`. Throws what is wrong, as the end of a sentence. */
export function parsePorts(text: string): readonly PortRange[] {
  const ranges = listOf(text).map((entry) => {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(entry) ?? []
    const range = { first: Number(first), last: Number(last) }
    if (range.first >= 1 && range.first <= range.last && range.last <= 65_535) return range
    throw new Error(`"${entry}" is neither a port from 1 to 65535 nor a range like 1024-65535`)
  })
  if (ranges.length === 0) throw new Error(`it must name at least one port; the default is ${defaultPorts}`)
  return ranges
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

function named<T>(name: keyof EgressSettings, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new Error(`${name} is not usable: ${(error as Error).message}.`, { cause: error })
  }
}
