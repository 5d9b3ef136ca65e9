import { MsgHdrsImpl, type MsgHdrs } from '@nats-io/transport-node'

/** Message headers of those values that are set. Throws when a value holds a line break. */
export function messageHeaders(values: Record<string, string | undefined>): MsgHdrs {
  const set: Record<string, string[]> = {}
  for (const name in values) {
    const value = values[name]
    if (value === undefined || value === '') continue
    if (lineBreak.test(value)) throw new TypeError(`The message header ${name} must not hold a line break.`)
    set[name] = [value]
  }
  // Setting them one by one, the client looks at each character of their names, which are ours.
  return MsgHdrsImpl.fromRecord(set)
}

const lineBreak = /[\r\n]/
