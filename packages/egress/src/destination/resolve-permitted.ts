import { judgeAddress } from '../addresses/judge-address.ts'
import { parseAddress, type Address } from '../addresses/network.ts'
import type { EgressPolicy } from '../policy/parse-policy.ts'
import type { Lookup } from './lookup.ts'
import { EgressRefusedError } from './refusal.ts'

/** How many refused addresses a message names: whoever owns the name decides how many there are. */
const namedAddresses = 3
/** How many are looked at, for the same reason: no receiver has more, and each costs some microseconds. */
const maxAddresses = 64

/**
 * The addresses of a host name that may be connected to. Throws EgressRefusedError when there are only others.
 *
 * One that may not is left out, rather than refusing the whole name: the caller connects to nothing but what is
 * returned here, so it can never be reached, and a stray private or NAT64 record does not silence a receiver that is
 * reachable by its public one.
 */
export async function resolvePermitted(hostname: string, policy: EgressPolicy, lookup: Lookup): Promise<Address[]> {
  const found = (await lookup(hostname)).slice(0, maxAddresses)
  const refusals: string[] = []
  const reasons = new Set<string>()
  const permitted: Address[] = []
  for (const { address } of found) {
    const reason = judgeAddress(address, policy)
    const parsed = parseAddress(address)
    if (reason === undefined && parsed) permitted.push(parsed)
    else {
      refusals.push(`${address} (${reason})`)
      reasons.add(reason ?? '')
    }
  }
  if (permitted.length > 0) return permitted
  if (refusals.length === 0) throw Object.assign(new Error(`${hostname} has no address.`), { code: 'ENOTFOUND' })
  const more = refusals.length - namedAddresses
  const named = refusals.slice(0, namedAddresses).join(', ') + (more > 0 ? ` and ${more} more` : '')
  const head = `${hostname} resolves to no permitted destination`
  // Whoever entered the name learns what kind of addresses it has, not which: the names of our network are not theirs to explore.
  const message = `${head} (${[...reasons].slice(0, namedAddresses).join('; ')}).`
  throw new EgressRefusedError({ code: 'destination_not_public', message }, `${head}: ${named}.`)
}
