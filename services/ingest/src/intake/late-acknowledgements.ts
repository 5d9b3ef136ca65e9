import type { JsMsg } from '@jethook/runtime'

/** Below 20 events a second each is acknowledged alone, and INTAKE empties in between. */
const lateByMs = 50
/** A small part of the 500 that all ingest processes may have in hand together: whoever holds some takes fewer new ones. */
const mostHeld = 32
const leftHeld = 8

/**
 * Acknowledges what is dealt with a moment later, many messages at once, and as long as more come never all.
 *
 * Whenever the last file of a stream has nothing in it any more, NATS deletes it and makes a new one. At 1,000 events a second
 * INTAKE was empty after nearly every event, and files took a fifth of the server's processor time. What is not acknowledged
 * when we die comes again, and EVENTS or REJECTED recognise it.
 */
export class LateAcknowledgements {
  readonly #acknowledgeOne: (message: JsMsg) => void
  readonly #held: JsMsg[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(acknowledge: (message: JsMsg) => void) {
    this.#acknowledgeOne = acknowledge
  }

  add(message: JsMsg): void {
    this.#held.push(message)
    if (this.#held.length >= mostHeld) this.#acknowledge(mostHeld - leftHeld)
    else this.#timer ??= this.#later()
  }

  /** Acknowledges all that is held. */
  flush(): void {
    this.#acknowledge(this.#held.length)
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #later(): NodeJS.Timeout {
    const last = this.#held.at(-1)
    return setTimeout(() => {
      this.#timer = undefined
      if (last) this.#acknowledge(this.#held.indexOf(last) + 1)
      if (this.#held.length > 0) this.#timer = this.#later()
    }, lateByMs)
  }

  #acknowledge(count: number): void {
    for (const message of this.#held.splice(0, count)) this.#acknowledgeOne(message)
  }
}
