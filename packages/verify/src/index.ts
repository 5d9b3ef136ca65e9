export { createVerifier, type Verifier, type VerifierOptions } from './verifier.ts'
export type { VerifiedEvent } from './verified-event.ts'
export { WebhookVerificationError, type ErrorCode, type ReceiverFault, type RequestFault } from './error.ts'
export type {
  FactName,
  SignatureAlgorithm,
  SignatureScheme,
  TimeFact,
  TimestampFormat,
  VerificationProfile,
} from './profile/profile.ts'
export type { ProfileName } from './profile/shipped-profiles.ts'
export type { HeadersInput, RawBody, RequestLike } from './request/request.ts'
