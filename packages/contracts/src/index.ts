export { inOnePiece } from './in-one-piece.ts'
export { TenantId, EventType, EventId, UserId, createId, deliveryIdOf, type IdKind } from './identifiers.ts'
export { DispatcherAlive, EndpointPaused, TurnMessage } from './dispatchers.ts'
export { OrderProgress } from './order-progress.ts'
export { AttemptResults, SubscriptionResults } from './results.ts'
export { defaultDeliveryRules, DeliveryRules, RateLimit } from './delivery-rules.ts'
export { readDomainEvent, UnknownDomainEventError } from './read-domain-event.ts'
export { MessageHeader } from './headers.ts'
export {
  intakeSubject,
  eventSubject,
  rejectedSubject,
  parseEventSubject,
  configSubject,
  configSubjectsOfTenant,
  calendarSubject,
  calendarSubjectsOf,
  dispatchersSubject,
  healthSubject,
  orderSubject,
  dueSubject,
  attemptsSubject,
  operationsSubject,
  type ConfigKind,
  type TenantAndType,
} from './subjects.ts'
export {
  StreamName,
  streamDefinitions,
  intakeConsumer,
  eventsConsumer,
  dueConsumer,
  mailConsumer,
  changesConsumer,
  noticeConsumer,
  type ConsumerDefinition,
  type StreamDefinition,
  type StreamSizes,
} from './streams.ts'
export {
  isOperationalEventType,
  OperationalEvent,
  operationalEventTypes,
  type OperationalEventType,
} from './operational-events.ts'
export { Role } from './roles.ts'
export { Authentication, ClientCertificate } from './credentials.ts'
export { EncryptedSecret } from './encrypted-secret.ts'
export { CustomHeaders, HeaderName, HeaderValue, maskedHeader } from './http-fields.ts'
export { factPlaceholders, placeholderPattern, type FactPlaceholder } from './template.ts'
export {
  BodyRule,
  CatalogueEntry,
  DisablePolicy,
  Profile,
  ProfileName,
  RetryPolicy,
  SignatureScheme,
  type ProfileDocument,
} from './profile.ts'
export {
  ApiKeyCreated,
  ApiKeyRevoked,
  AppCreated,
  AppDeleted,
  AppGranted,
  AppSecretRotated,
  byJethook,
  DisabledReason,
  DomainEvent,
  ProfileCreated,
  ProfileUpdated,
  SecretLink,
  SecretLinkCreated,
  SecretLinkUsed,
  sharedOwner,
  SubscriptionCreated,
  SubscriptionDeleted,
  SubscriptionDisabled,
  SubscriptionEnabled,
  SubscriptionPaused,
  SubscriptionResumed,
  SubscriptionSecretRotated,
  SubscriptionSettings,
  SubscriptionUpdated,
  TenantCreated,
  TenantUpdated,
} from './domain-events.ts'
export {
  Attempt,
  AttemptConnection,
  AttemptTrigger,
  CalendarEntry,
  Decision,
  DeferralReason,
  DeliveryOutcome,
  DeliveryReference,
  DeliveryStatus,
  Outcome,
  OutcomeBatch,
  statusAfter,
} from './deliveries.ts'
export {
  OutcomeHead,
  outcomeLines,
  outcomeMessage,
  readOutcomes,
  type OutcomeLines,
  type StoredOutcome,
} from './outcome-batch.ts'
export { joinPath, shapeProblem, type ShapeProblemOptions } from './shape-problem.ts'
export { shorten } from './shorten.ts'
export { wording } from './wording.ts'
export { Problem, ProblemError, problemOf, problems, type FieldError, type ProblemCode } from './problem.ts'
export { pageOf, pageQuery } from './api/pages.ts'
export {
  ApiKeyResource,
  CreateApiKey,
  CreateTenant,
  CreatedApiKey,
  TenantResource,
  UpdateTenant,
} from './api/tenants.ts'
export { DryRun, DryRunResult, ProfileResource } from './api/profiles.ts'
export {
  ApiCustomHeaders,
  ApiTime,
  CreateSubscription,
  RotateSecret,
  RotateSecretQuery,
  SecretLinkResource,
  SubscriptionResource,
  SubscriptionStatus,
  SubscriptionWithSecret,
  TestResult,
  UpdateSubscription,
} from './api/subscriptions.ts'
export {
  AppResource,
  AppWithSecret,
  CreateApp,
  GrantResource,
  SetGrant,
  SetWebhook,
  WebhookResource,
} from './api/apps.ts'
export {
  CreateLucraConfig,
  LucraConfig,
  LucraConfigs,
  LucraConfigWithSecretLink,
  UpdateLucraConfig,
} from './api/lucra.ts'
export {
  CreateLumoAuthWebhook,
  LumoAuthWebhook,
  LumoAuthWebhookWithSecret,
  UpdateLumoAuthWebhook,
} from './api/lumoauth.ts'
export {
  AuthenticationInput,
  AuthenticationResource,
  ClientCertificateInput,
  ClientCertificateResource,
} from './api/credentials.ts'
export { DestinationUrl } from './api/destination-url.ts'
export { AttemptResource, DeliveryDetail, DeliveryQuery, DeliveryResource, ReplayResult } from './api/deliveries.ts'
export {
  AcceptedEvent,
  BatchResult,
  EventResource,
  EventTypeResource,
  PublishBatch,
  PublishEvent,
  RejectedEventResource,
  RejectedQuery,
} from './api/events.ts'
