import { headers, type MsgHdrs } from '@nats-io/transport-node'

/** Message headers of those values that are set. */
export function messageHeaders(values: Record<string, string | undefined>): MsgHdrs {
  const set = headers()
  for (const [name, value] of Object.entries(values)) if (value !== undefined && value !== '') set.set(name, value)
  return set
}
