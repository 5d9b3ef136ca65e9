import { ProblemError, type SecretLink, type SecretLinkCreated } from '@jethook/contracts'
import { requireSubscription, type Command, type TenantState } from './tenant-state.ts'

export interface CreateSecretLinkCommand extends Command {
  readonly subscriptionId: string
  readonly secretLink: SecretLink
}

/**
 * For a link that got lost or expired. A secret that was shown is never shown again. Throws
 * `subscription_not_found`, `secret_link_not_found`, `secret_link_used`.
 */
export function createSecretLink(
  { tenant, at, by, subscriptionId, secretLink }: CreateSecretLinkCommand,
  state: TenantState,
): SecretLinkCreated {
  const { secretLink: present } = requireSubscription(subscriptionId, state)
  if (!present)
    throw new ProblemError('secret_link_not_found', 'This secret is not shown by link. Rotate it to get a new one.')
  if (present.usedAt !== null)
    throw new ProblemError('secret_link_used', 'The secret was shown already. Rotate it to get a new one.')
  return { type: 'SecretLinkCreated', tenant, at, by, subscriptionId, secretLink }
}
