/** The request cannot be trusted: answer 401 and ignore it. */
export type RequestFault =
  | 'missing_header'
  | 'malformed_signature'
  | 'malformed_timestamp'
  | 'signature_mismatch'
  | 'timestamp_too_old'
  | 'timestamp_too_new'

/** The receiver is set up wrongly: answer 500, so that the sender tries again when it is repaired. */
export type ReceiverFault =
  | 'body_not_raw'
  | 'malformed_secret'
  | 'malformed_profile'
  | 'unknown_profile'
  | 'malformed_tolerance'
  | 'unsupported_algorithm'

export type ErrorCode = RequestFault | ReceiverFault

const receiverFaults: ReadonlySet<string> = new Set<ReceiverFault>([
  'body_not_raw',
  'malformed_secret',
  'malformed_profile',
  'unknown_profile',
  'malformed_tolerance',
  'unsupported_algorithm',
])

/** Why a webhook was not verified. Match on `code`; the message is for the log of the receiver, not for the sender. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError'
  readonly code: ErrorCode
  /** What to answer: 401 when the request is at fault, 500 when the receiver is. */
  readonly status: 401 | 500

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
    this.status = receiverFaults.has(code) ? 500 : 401
  }
}
