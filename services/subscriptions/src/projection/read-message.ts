import { readHeaders, sequenceOf, type JsMsg } from '@jethook/runtime'
import type { Projection, StreamMessage } from './projection.ts'

/** What a message says. */
export interface ReadMessage {
  /** Its sequence in the stream. */
  readonly seq: number
  readonly items: readonly unknown[]
  /** Why it could not be read: it is not what its stream should hold. */
  readonly error?: unknown
}

export function readMessage(projection: Projection, message: JsMsg): ReadMessage {
  const seq = sequenceOf(message)
  try {
    return { seq, items: projection.read(new StreamMessageOf(message, seq)) }
  } catch (error) {
    return { seq, items: [], error }
  }
}

/** What is not asked for is not decoded. */
class StreamMessageOf implements StreamMessage {
  readonly #message: JsMsg
  readonly seq: number

  constructor(message: JsMsg, seq: number) {
    this.#message = message
    this.seq = seq
  }

  get subject(): string {
    return this.#message.subject
  }
  get data(): Uint8Array {
    return this.#message.data
  }
  get headers(): StreamMessage['headers'] {
    return readHeaders(this.#message)
  }
  get time(): Date {
    return this.#message.time
  }
}
