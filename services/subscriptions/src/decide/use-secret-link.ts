import type { SecretLinkState } from '@jethook/configuration'
import { ProblemError, type SecretLinkUsed } from '@jethook/contracts'
import type { Command, TenantState } from './tenant-state.ts'

export interface UseSecretLinkCommand extends Command {
  readonly subscriptionId: string
  /** SHA-256 of the link's token, hex. */
  readonly tokenHash: string
}

/** Throws `secret_link_not_found`, `secret_link_used`, `secret_link_expired`. */
export function useSecretLink(
  { tenant, at, by, subscriptionId, tokenHash }: UseSecretLinkCommand,
  { subscriptions }: TenantState,
): SecretLinkUsed {
  requireOpenLink(subscriptions.get(subscriptionId)?.secretLink, tokenHash, at)
  return { type: 'SecretLinkUsed', tenant, at, by, subscriptionId, tokenHash }
}

/** A link that still shows its secret; `present` is the subscription's latest. Throws as above. */
export function requireOpenLink(
  present: SecretLinkState | undefined,
  tokenHash: string,
  nowMs: number,
): SecretLinkState {
  if (!present) throw new ProblemError('secret_link_not_found', 'There is no such link, or not any more.')
  if (present.tokenHash !== tokenHash)
    throw new ProblemError('secret_link_expired', 'This link was replaced by a newer one. Use that one.')
  if (present.usedAt !== null) {
    const when = new Date(present.usedAt).toISOString()
    throw new ProblemError(
      'secret_link_used',
      `This link was used on ${when}, and works only once. If that was not you, have the secret rotated at once.`,
    )
  }
  if (present.expiresAt <= nowMs)
    throw new ProblemError('secret_link_expired', 'This link has expired. Ask for a new one.')
  return present
}
