export { compileProfile, type CompiledProfile } from './compile.ts'
export { createRenderer, type RenderedRequest, type RendererOptions, type RenderRequest } from './create-renderer.ts'
export type { Secret, SigningSecrets } from './compile-signatures.ts'
export { catalogueEntry, isKnownEventType, testEventType } from './catalogue.ts'
export { checkProfile } from './check-profile.ts'
export {
  checkSecret,
  generateSecret,
  hasSecretsOfKind,
  kindOfSecret,
  publicKeyOf,
  type SecretKind,
} from './generate-secret.ts'
export { sampleRequest, type SampleOptions, type SampleRequest } from './sample-request.ts'
export { shippedProfiles } from './shipped.ts'
export { hasPayloadSchema, validatePayload, type PayloadViolation } from './validate-payload.ts'
export type { RequestFacts } from './request-facts.ts'
