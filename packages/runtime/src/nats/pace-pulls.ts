import type { ConsumerMessages } from '@nats-io/jetstream'

export interface Pace {
  /** While this is so, nothing is asked for. */
  readonly isFull: () => boolean
  /** See ReadStreamOptions; 0 where messages come as they come. */
  readonly portionEveryMs?: number
  /** How much is asked for at once. */
  readonly ahead: number
}

/** When a consumer asks for messages. */
export interface Pulls {
  /** The next request waits for room, or for its time: silence means nothing. */
  readonly held: boolean
  /** There may be room now. Cheap. */
  resume(): void
  /** What the client tells of its consumer. */
  heard(status: { readonly type: string; readonly code?: number }): void
  /** Nothing is asked for any more. */
  end(): void
}

/** How the client asks for more, which it does when messages arrive, whether or not anybody has dealt with them. */
interface Pulling {
  pull(options: object): void
  pullOptions(): object
  /** What was asked for and has not come. */
  readonly pending: { msgs: number }
  /** How many messages came. */
  readonly received: number
  /** Counts seconds of silence. */
  readonly monitor?: { work(): void } | null
}

/** More than that in a portion, and there are more. */
const many = 150
/** A request for what is there has ended. */
const noMoreMessages = 404

/**
 * Has the client ask for messages at the right time. A portion is a request with `no_wait` that expires all the same: it
 * ends with what is there, or, when there is nothing, with the next message. The client has no such thing, and its server
 * neither takes a second one meanwhile nor says how much of the first it need not wait for any more.
 *
 * @see https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-13.md
 */
export function pacePulls(messages: ConsumerMessages, { isFull, portionEveryMs = 0, ahead }: Pace): Pulls {
  const inside = messages as unknown as Pulling
  const pull = inside.pull.bind(inside)
  const inPortions = portionEveryMs > 0
  let held = false
  let askedAt = -Infinity
  let receivedBefore = 0
  let timer: NodeJS.Timeout | undefined

  const ask = (options: object): void => {
    // The silence until now was wanted.
    if (held) inside.monitor?.work()
    held = false
    askedAt = performance.now()
    receivedBefore = inside.received
    pull(inPortions ? { ...options, no_wait: true } : options)
  }
  const untilNextMs = (): number => {
    if (inside.received - receivedBefore >= Math.min(many, ahead)) return 0
    return askedAt + portionEveryMs - performance.now()
  }
  const resume = (): void => {
    if (!held || isFull()) return
    const waitMs = untilNextMs()
    if (waitMs <= 0) ask(inside.pullOptions())
    else timer ??= setTimeout(onTime, waitMs)
  }
  const onTime = (): void => {
    timer = undefined
    resume()
  }
  inside.pull = (options) => {
    if (inPortions && inside.pending.msgs > 0) return
    if (!isFull() && untilNextMs() <= 0) return ask(options)
    held = true
    resume()
  }
  return {
    get held() {
      return held
    },
    resume,
    heard({ type, code }) {
      const isOver = (type === 'debug' && code === noMoreMessages) || type === 'ordered_consumer_recreated'
      if (!inPortions || !isOver) return
      inside.pending.msgs = 0
      inside.pull(inside.pullOptions())
    },
    end() {
      clearTimeout(timer)
      held = false
      inside.pull = () => undefined
    },
  }
}
