import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node'
import { TransientMap } from '../transient.ts'

export interface Stored {
  readonly sequence: number
  /** The stream holds a message of this Nats-Msg-Id already; `sequence` is that one's. */
  readonly duplicate: boolean
}

export type PublishErrorCode =
  | 'stream_full'
  | 'wrong_last_sequence'
  /** A cluster is storing a message of this Nats-Msg-Id right now: asked again, it tells that one's sequence. */
  | 'duplicate_in_progress'
  | 'no_acknowledgement'
  | 'refused'

/** JetStream did not store the message, or did not say so in time: then it may be stored all the same. */
export class PublishError extends Error {
  override readonly name = 'PublishError'
  readonly code: PublishErrorCode

  constructor(code: PublishErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export interface Publisher {
  /** Resolves when JetStream stored the message. Rejects with PublishError. */
  publish(subject: string, payload: Uint8Array | string, headers?: MsgHdrs): Promise<Stored>
  /** Messages that are on their way. */
  readonly pending: number
  close(): void
}

const acknowledgementTimeoutMs = 5_000

interface Waiting {
  readonly subject: string
  readonly deadline: number
  readonly resolve: (stored: Stored) => void
  readonly reject: (error: PublishError) => void
}

/**
 * Publishes with one subscription for all acknowledgements and a counter as reply token: about a fifth of the CPU
 * of a request per message, which is what a JetStream publish of the client is. How many are on their way at once
 * is up to the callers.
 */
export function createPublisher(connection: NatsConnection): Publisher {
  const inbox = createInbox()
  const waiting = new TransientMap<number, Waiting>()
  let counter = 0

  const subscription = connection.subscribe(`${inbox}.*`, {
    callback: (error, message) => {
      if (error) return
      const token = Number(message.subject.slice(inbox.length + 1))
      const publish = waiting.get(token)
      if (!publish) return
      waiting.delete(token)
      settle(publish, message)
    },
  })

  // One timer for all: deadlines need no precision. The map is in order of deadlines.
  const sweeper = setInterval(() => {
    const now = performance.now()
    for (const [token, publish] of waiting) {
      if (publish.deadline > now) break
      waiting.delete(token)
      publish.reject(
        new PublishError(
          'no_acknowledgement',
          `JetStream did not acknowledge a message on ${publish.subject} within ${acknowledgementTimeoutMs} ms.`,
        ),
      )
    }
  }, 500)
  sweeper.unref()

  return {
    publish(subject, payload, headers) {
      return new Promise((resolve, reject) => {
        const token = counter++
        waiting.set(token, { subject, deadline: performance.now() + acknowledgementTimeoutMs, resolve, reject })
        try {
          connection.publish(subject, payload, { reply: `${inbox}.${token}`, ...(headers && { headers }) })
        } catch (error) {
          waiting.delete(token)
          reject(new PublishError('refused', `Could not publish on ${subject}: ${String(error)}`))
        }
      })
    },
    get pending() {
      return waiting.size
    },
    close() {
      clearInterval(sweeper)
      subscription.unsubscribe()
    },
  }
}

interface Acknowledgement {
  readonly seq: number
  readonly duplicate?: boolean
  readonly error?: { readonly code: number; readonly err_code: number; readonly description: string }
}

function settle(publish: Waiting, message: Msg): void {
  if (message.data.length === 0) {
    const text = `Nobody stores ${publish.subject}: its stream is missing, or JetStream has no leader right now.`
    publish.reject(new PublishError('no_acknowledgement', text))
    return
  }
  const { seq, duplicate, error } = message.json<Acknowledgement>()
  if (error) publish.reject(new PublishError(publishErrorCode(error), `${publish.subject}: ${error.description}`))
  else publish.resolve({ sequence: seq, duplicate: duplicate === true })
}

// Codes of the server: https://github.com/nats-io/nats-server/blob/main/server/errors.json
const wrongLastSequence = new Set([10_071, 10_164])
const duplicateInProgress = 10_158
const outOfSpace = new Set([10_023, 10_047, 10_077])

function publishErrorCode({ err_code: code }: NonNullable<Acknowledgement['error']>): PublishErrorCode {
  if (wrongLastSequence.has(code)) return 'wrong_last_sequence'
  if (code === duplicateInProgress) return 'duplicate_in_progress'
  return outOfSpace.has(code) ? 'stream_full' : 'refused'
}
