export { authenticate, hashApiKey, type Caller } from './authenticate.ts'
export { Configuration } from './configuration.ts'
export {
  evolveApiKey,
  evolveApp,
  evolveProfile,
  evolveSubscription,
  evolveTenant,
  type AppEvent,
  type SubscriptionEvent,
} from './evolve.ts'
export { changesCountAfterMs, followConfiguration, type ConfigurationFollower } from './follow-configuration.ts'
export { choiceAt, choicesEver } from './former-choices.ts'
export type { ApiKey, App, PreviousSecret, SecretLinkState, StoredProfile, Subscription, Tenant } from './model.ts'
export { choosesEvent } from './subscription-index.ts'
export { createSecretBox, parseKeys, secretOwner, type SecretBox } from './secret-box.ts'
export { hasExpired } from './has-expired.ts'
