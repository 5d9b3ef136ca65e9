import type { JsMsg } from '@nats-io/jetstream'

/** Where a message is in its stream, in digits. */
export interface Place {
  readonly sequence: string
  /** When it was stored, nanoseconds since the epoch: more than a number can hold. */
  readonly timestampNanos: string
}

/**
 * What the client tells as `seq` and `timestampNanos`, after it has read everything else in the reply subject too, for
 * each of them anew. That takes several times as long. It keeps the subject to itself.
 */
export function placeOf(message: JsMsg): Place {
  const { reply } = message as { readonly reply?: string }
  if (reply !== undefined) return placeIn(reply)
  return { sequence: String(message.seq), timestampNanos: String(message.timestampNanos) }
}

export const sequenceOf = (message: JsMsg): number => Number(placeOf(message).sequence)

/**
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<sequence of the consumer>.<timestamp>.…`, with
 * `<domain>.<account>.` before the stream where the server says them.
 *
 * @see https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-15.md
 */
export function placeIn(reply: string): Place {
  const isShort = nthDot(reply, 9) < 0
  const start = nthDot(reply, isShort ? 5 : 7) + 1
  const end = reply.indexOf('.', start)
  const timeAt = reply.indexOf('.', end + 1) + 1
  return { sequence: reply.slice(start, end), timestampNanos: reply.slice(timeAt, reply.indexOf('.', timeAt)) }
}

/** Where it is, from 1 on; -1 when there are not so many. Splitting would make a dozen strings of each message's. */
function nthDot(text: string, n: number): number {
  let at = -1
  for (let count = 0; count < n; count++) {
    at = text.indexOf('.', at + 1)
    if (at < 0) return -1
  }
  return at
}
