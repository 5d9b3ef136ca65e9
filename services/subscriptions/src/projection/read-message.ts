import { readHeaders, type JsMsg } from '@jethook/runtime'
import type { Projection } from './projection.ts'

/** What is left of a message once it is read: the message itself would be ten times that. */
export interface ReadMessage {
  /** Its sequence in the stream. */
  readonly seq: number
  /** Of its data. */
  readonly bytes: number
  readonly items: readonly unknown[]
  /** Why it could not be read: it is not what its stream should hold. */
  readonly error?: unknown
}

export function readMessage(projection: Projection, message: JsMsg): ReadMessage {
  const { seq, subject, data } = message
  const bytes = data.length
  try {
    const items = projection.read({
      seq,
      subject,
      data,
      get headers() {
        return readHeaders(message)
      },
      get time() {
        return message.time
      },
    })
    return { seq, bytes, items }
  } catch (error) {
    return { seq, bytes, items: [], error }
  }
}
