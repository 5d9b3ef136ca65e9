/** Why a destination is refused: match on the code, show the message. */
export interface Refusal {
  readonly code: RefusalCode
  /** A sentence that names what is wrong with the destination. */
  readonly message: string
}

export type RefusalCode =
  | 'destination_invalid'
  | 'destination_scheme_forbidden'
  | 'destination_credentials'
  | 'destination_port_forbidden'
  | 'destination_not_public'

/** A request was not made, because its destination is refused. */
export class EgressRefusedError extends Error {
  override readonly name = 'EgressRefusedError'
  readonly code = 'destination_refused'
  readonly refusal: Refusal

  /** `detail`: what the operator may know beyond that, for the error's own message. */
  constructor(refusal: Refusal, detail = refusal.message) {
    super(detail)
    this.refusal = refusal
  }
}
