import { hasExpired, type Subscription } from '@jethook/configuration'
import { ProblemError } from '@jethook/contracts'

/** What somebody asks for by hand would be cancelled, too. Throws `subscription_expired`. */
export function requireUnexpired(subscription: Pick<Subscription, 'id' | 'expiresAt'>): void {
  const { id, expiresAt } = subscription
  if (!hasExpired(subscription, Date.now())) return
  const since = new Date(expiresAt ?? 0).toISOString()
  throw new ProblemError(
    'subscription_expired',
    `Nothing is sent to the subscription ${id} since ${since}, when it expired. Change its expiresAt first.`,
  )
}
