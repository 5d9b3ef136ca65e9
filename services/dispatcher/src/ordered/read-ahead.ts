import type { Subscription } from '@jethook/configuration'
import { TransientMap } from '@jethook/runtime'
import type { AcceptedEvent } from '../deliver/accepted-event.ts'
import type { OrderQueue } from './order-queue.ts'
import type { EventReader } from './read-events.ts'

/**
 * Events that wait in memory; with keys, those of others find their way past one that is stuck until it has so many. What is paused is
 * read only to be shown: so many as without keys, and no payload.
 */
const windowSize = { withKeys: 1_000, without: 100 } as const
/** Payloads that are kept of those, by one order and by all together; the others are read again. */
const keptBytes = { each: 4_194_304, all: 33_554_432 } as const
/** Nudges can get lost. Where nothing comes, looks get rarer: of ten thousand orders at rest they would take a core. */
const lookEveryMs = 2_000
const lookAtLeastEveryMs = 30_000
/** A replica that lags does not have an event yet that there is. */
const lookAgainMs = 50
const believeForMs = 5_000

/** How much all orders of a dispatcher keep. */
export interface KeptPayloads {
  bytes: number
}

/** Reads the events of one ordered subscription into its queue, and keeps them until they are through. */
export class ReadAhead {
  readonly #readEvents: EventReader
  readonly #events = new TransientMap<number, AcceptedEvent>()
  readonly #all: KeptPayloads
  #keptBytes = 0
  /** The last sequence of which it was said that there is an event. */
  #lastKnown = 0
  #nudgedAt = 0
  #lookedAt = -Infinity
  #nextLookMs = lookEveryMs
  #isFull = false

  constructor(readEvents: EventReader, all: KeptPayloads) {
    this.#readEvents = readEvents
    this.#all = all
  }

  /** There is an event of this sequence; with 0: there may be some of which nobody could tell. */
  nudge(sequence: number): void {
    this.#nextLookMs = lookEveryMs
    if (sequence <= this.#lastKnown) return
    this.#lastKnown = sequence
    this.#nudgedAt = performance.now()
  }

  /**
   * Returns whether there is nothing more to read, or no room for it. What was read for a subscription that has changed
   * meanwhile is read again: it may concern it now.
   */
  async read(subscription: Subscription, queue: OrderQueue, hasChanged: () => boolean): Promise<boolean> {
    const { orderingKey, paused = false } = subscription
    const room = orderingKey === null || paused ? windowSize.without : windowSize.withKeys
    const isDue = this.#lastKnown > queue.readUpTo || performance.now() - this.#lookedAt >= this.#nextLookMs
    this.#isFull = queue.size >= room
    if (this.#isFull || !isDue) return true
    const found = await this.#readEvents(subscription, queue.readUpTo)
    if (hasChanged()) return false
    for (const { event, key } of found) {
      if (queue.read(event.sequence, key, performance.now())) this.#keep(event, paused)
    }
    if (found.length > 0) {
      this.#nextLookMs = lookEveryMs
      return false
    }
    // Nothing but looking led here, again.
    if (this.#lastKnown <= queue.readUpTo) this.#nextLookMs = Math.min(2 * this.#nextLookMs, lookAtLeastEveryMs)
    this.#lookedAt = performance.now()
    // It is not among those that may concern this subscription any more.
    if (this.#lookedAt - this.#nudgedAt > believeForMs) this.#lastKnown = queue.readUpTo
    return true
  }

  /** How long there need be no other look, unless there is a nudge, or room again. */
  lookAgainMs({ readUpTo }: OrderQueue): number {
    if (this.#isFull) return lookAtLeastEveryMs
    return this.#lastKnown > readUpTo ? lookAgainMs : this.#nextLookMs
  }

  /** One that was read and is not forgotten. */
  event(sequence: number): AcceptedEvent {
    const event = this.#events.get(sequence)
    if (!event) throw new Error(`The event ${sequence} was never read.`)
    return event
  }

  /** It is through. */
  forget(sequence: number): void {
    this.#count(-(this.#events.get(sequence)?.content.payload.length ?? 0))
    this.#events.delete(sequence)
  }

  /** Forgets all. */
  end(): void {
    for (const sequence of this.#events.keys()) this.forget(sequence)
  }

  #keep(event: AcceptedEvent, paused: boolean): void {
    const { content } = event
    const { length } = content.payload
    const fits = !paused && this.#keptBytes + length <= keptBytes.each && this.#all.bytes + length <= keptBytes.all
    if (fits) this.#count(length)
    // A copy: it came as a part of 64 KB, which it would keep in memory, too.
    const payload = fits ? new Uint8Array(content.payload) : unread
    this.#events.set(event.sequence, { ...event, content: { ...content, payload } })
  }

  #count(bytes: number): void {
    this.#keptBytes += bytes
    this.#all.bytes += bytes
  }
}

/** In place of a payload that is not in memory. */
export const unread = new Uint8Array(0)
