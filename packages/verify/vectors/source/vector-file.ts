/**
 * The form of the files in vectors/. Nothing here or in the other sources imports the verifier: the signatures are made by
 * Node's crypto (OpenSSL), so that what is tested does not test itself.
 */
export interface VectorFile {
  readonly description: string
  /** A shipped profile's name, or a document describing one. */
  readonly profile: string | object
  readonly vectors: readonly Vector[]
}

export interface Vector {
  readonly name: string
  readonly secrets: readonly string[]
  /** Seconds; the profile's own when absent, never checked when null. */
  readonly toleranceSeconds?: number | null
  /** The time at which the request is received, seconds since the epoch. */
  readonly now: number
  readonly headers: Readonly<Record<string, string>>
  /** Either the body's text, sent as UTF-8, or its bytes. */
  readonly body?: string
  readonly bodyBase64?: string
  readonly expect: { readonly event: ExpectedEvent } | { readonly error: string }
}

/** What verifying must find. A fact that is absent here must be absent there. */
export interface ExpectedEvent {
  readonly type?: string
  readonly id?: string
  readonly deliveryId?: string
  readonly attempt?: number
  readonly tenant?: string
  /** ISO 8601, UTC, milliseconds. */
  readonly timestamp?: string
  /** The facts that the signature does not cover. */
  readonly unsigned?: readonly string[]
}
