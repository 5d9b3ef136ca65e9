import type { JsMsg } from '@nats-io/jetstream'

/**
 * The sequence of a message in its stream: the client's `seq`, which reads everything else in the reply subject too, and
 * takes several times as long. The client keeps that subject to itself.
 */
export function sequenceOf(message: JsMsg): number {
  const { reply } = message as { readonly reply?: string }
  return reply === undefined ? message.seq : sequenceIn(reply)
}

/**
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.…`, with `<domain>.<account>.` before the stream where the server
 * says them.
 *
 * @see https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-15.md
 */
export function sequenceIn(reply: string): number {
  const tokens = reply.split('.')
  return Number(tokens[tokens.length === 9 ? 5 : 7])
}
