import { MessageHeader } from '@jethook/contracts'

/** What EVENTS holds of an event beside its address. */
export interface EventContent {
  /** What the producer published. */
  readonly payload: Uint8Array
  /** The user that the producer named beside the payload. */
  readonly user: string | undefined
}

interface StoredMessage {
  readonly data: Uint8Array
  readonly headers?: { get(name: string): string } | undefined
}

export const contentOf = ({ data, headers }: StoredMessage): EventContent => ({
  payload: data,
  user: headers?.get(MessageHeader.user) || undefined,
})
