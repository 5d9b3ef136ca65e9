/** What a webhook says about itself. The names are those of the placeholders in templates: `{event.id}`. */
export type FactName = 'event.id' | 'event.type' | 'delivery.id' | 'attempt' | 'tenant' | TimeFact

/** When it was sent, or when the event happened: in ISO 8601, in whole seconds or in milliseconds since the epoch. */
export type TimeFact =
  | 'timestamp'
  | 'event.time.iso'
  | 'event.time.isoSeconds'
  | 'event.time.epoch'
  | 'event.time.epochMs'

export type SignatureAlgorithm = 'hmac-sha256' | 'hmac-sha512' | 'ed25519'
export type TimestampFormat = 'seconds' | 'milliseconds' | 'iso'

/** How one header carries one or more signatures: `lead`, then `prefix` and signature, `separator`, `prefix` and signature … */
export interface SignatureScheme {
  readonly header: string
  readonly algorithm: SignatureAlgorithm
  readonly encoding: 'hex' | 'base64'
  /** Stands before each signature: `sha256=`, `v1,`. */
  readonly prefix?: string
  /** What is signed, `{body}` when not said otherwise. It must contain `{body}`. */
  readonly content?: string
  /** Stands between several signatures: `,` or a space. Without it the header holds one signature. */
  readonly separator?: string
  /** Stands before the signatures and may carry a fact, closed by the separator: `t={timestamp},`. */
  readonly lead?: string
  /** How the secret's text becomes the key: its UTF-8 bytes when not said otherwise. */
  readonly secretEncoding?: 'utf8' | 'hex' | 'base64'
  /**
   * Taken off the secret before it is decoded: `whsec_`. Where a profile has several schemes it also says which scheme
   * a secret is for; a secret with none of the prefixes is for the schemes without one, else for the first scheme.
   */
  readonly secretPrefix?: string
  /** The same of an ed25519 public key, `whpk_`; `secretPrefix` is then that of the private key, which stays with the sender. */
  readonly publicKeyPrefix?: string
}

/**
 * A provider's webhooks as far as a receiver needs to know them. A Jethook profile document has the same shape and more,
 * and can be used as it is. A request is verified when one signature of one scheme is right.
 */
export interface VerificationProfile {
  readonly name?: string
  readonly signatures: readonly SignatureScheme[]
  /** Headers by name, with what they hold: `{ 'X-GitHub-Event': '{event.type}' }`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Where the JSON body holds facts: `{ 'event.type': 'event.event_type' }` reads `body.event.event_type`. */
  readonly bodyFields?: Readonly<Partial<Record<FactName, string>>>
  /** Of `timestamp`: whole seconds since the epoch when not said otherwise. */
  readonly timestampFormat?: TimestampFormat
  /** How far from now the timestamp may be, both ways; not checked when not given. */
  readonly toleranceSeconds?: number
}
