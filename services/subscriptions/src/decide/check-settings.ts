import { ProblemError, type Profile, type ProblemCode, type SubscriptionSettings } from '@jethook/contracts'
import { chooseEvents, isChosen } from './choose-events.ts'
import { problemWithRetries } from './longest-retries.ts'
import { whyNotSigning, type SigningKeys } from './signing-profiles.ts'
import type { Command, Deployment, TenantState } from './tenant-state.ts'

export interface SettingsContext extends Deployment {
  readonly profile: Profile
  readonly state: TenantState
  /** The subscription that these settings are for. */
  readonly subscriptionId: string
  /** Whether the secret of a new one is a private key. */
  readonly hasKeyPair?: boolean | undefined
  readonly at: Command['at']
}

/**
 * Settings as they are stored, each looked at only if it is given. Throws `unknown_event_type`, `event_type_taken`,
 * `invalid_url`, `invalid_expiry`, `invalid_header`, `unknown_profile`, `invalid_request`.
 */
export function checkSettings<S extends Partial<SubscriptionSettings>>(settings: S, context: SettingsContext): S {
  const { url, authentication, events, customHeaders, sealedHeaders, expiresAt, alsoSignAs, retryScheduleMs } = settings
  if (url !== undefined) checkUrl('url', url, context)
  if (authentication?.type === 'oauth2') checkUrl('authentication.tokenUrl', authentication.tokenUrl, context)
  checkCustomHeaders({ ...customHeaders, ...sealedHeaders }, context)
  if (expiresAt !== undefined) checkExpiry(expiresAt, context)
  if (alsoSignAs !== undefined) checkFurtherProfiles(alsoSignAs, settings, context)
  if (retryScheduleMs) checkRetries(retryScheduleMs, context)
  checkAuthorization(settings, context)
  if (events === undefined) return settings
  const chosen = chooseEvents(events, context.profile)
  checkSingleInstance(chosen, context)
  return { ...settings, events: chosen }
}

function checkUrl(field: string, url: string, { profile }: SettingsContext): void {
  if (profile.httpsOnly && URL.parse(url)?.protocol !== 'https:')
    throw fieldProblem('invalid_url', field, 'must be an https URL')
}

function checkExpiry(expiresAt: number | null, { at }: SettingsContext): void {
  if (expiresAt === null || expiresAt > at) return
  const message = `${new Date(expiresAt).toISOString()} is over; it must be a time to come, or null for none`
  throw fieldProblem('invalid_expiry', 'expiresAt', message)
}

function checkRetries(delaysMs: number[], { profile, retentionMs }: SettingsContext): void {
  const message = problemWithRetries({ ...profile.retry, delaysMs }, retentionMs)
  if (message) throw fieldProblem('invalid_request', 'retryScheduleMs', message)
}

/** What HTTP needs for itself is refused by the schema already. */
function checkCustomHeaders(headers: Readonly<Record<string, unknown>>, { profile }: SettingsContext): void {
  const ours = ['content-type', 'user-agent', ...Object.keys(profile.headers), ...signatureHeaders(profile)]
  const taken = new Set(ours.map((name) => name.toLowerCase()))
  for (const name of Object.keys(headers)) {
    if (!taken.has(name.toLowerCase())) continue
    throw fieldProblem('invalid_header', `customHeaders.${name}`, 'every request has this header already')
  }
}

/** Whichever of the two came later is refused. */
function checkAuthorization(settings: Partial<SubscriptionSettings>, { state, subscriptionId }: SettingsContext): void {
  const { authentication, customHeaders, sealedHeaders } = { ...state.subscriptions.get(subscriptionId), ...settings }
  if (!authentication) return
  const name = Object.keys({ ...customHeaders, ...sealedHeaders }).find(
    (header) => header.toLowerCase() === 'authorization',
  )
  if (name === undefined) return
  throw fieldProblem('invalid_header', `customHeaders.${name}`, 'is what authentication is for; there can only be one')
}

const signatureHeaders = ({ signatures }: Profile): string[] => signatures.map(({ header }) => header)

function checkFurtherProfiles(
  names: readonly string[],
  settings: Pick<Partial<SubscriptionSettings>, 'appId'>,
  { profile, state, subscriptionId, hasKeyPair }: SettingsContext,
): void {
  const present = state.subscriptions.get(subscriptionId)
  const keys = {
    appId: present?.appId ?? settings.appId,
    hasKeyPair: hasKeyPair ?? present?.publicKey !== undefined,
  }
  for (const [index, name] of names.entries()) {
    const field = `alsoSignAs[${index}]`
    if (name === profile.name) throw fieldProblem('invalid_request', field, 'is the profile of the tenant itself')
    if (names.indexOf(name) < index) throw fieldProblem('invalid_request', field, 'stands there twice')
    const further = state.profileNamed(name)
    if (!further) throw fieldProblem('unknown_profile', field, `there is no profile "${name}"`)
    requireSigning(further, field, keys, state)
  }
}

/** Throws `invalid_request` when requests could not be signed as this profile says: they would wait for ever. */
export function requireSigning(profile: Profile, field: string, keys: SigningKeys, state: TenantState): void {
  const message = whyNotSigning(profile, keys, state)
  if (message) throw fieldProblem('invalid_request', field, message)
}

function checkSingleInstance(events: readonly string[], { profile, state, subscriptionId }: SettingsContext): void {
  for (const eventType of profile.limits.singleInstance) {
    const index = events.findIndex((choice) => isChosen(choice, eventType))
    if (index === -1) continue
    const holder = [...state.subscriptions.values()].find(
      (other) => other.id !== subscriptionId && other.events.some((choice) => isChosen(choice, eventType)),
    )
    if (!holder) continue
    const message = `${eventType} can only be in one subscription at a time, and is in ${holder.id}`
    throw fieldProblem('event_type_taken', `events[${index}]`, message)
  }
}

function fieldProblem(code: ProblemCode, field: string, message: string): ProblemError {
  return new ProblemError(code, `${field}: ${message}.`, { errors: [{ field, message }] })
}
