import type { Configuration } from '@jethook/configuration'
import type { Peers } from '../peers/join-peers.ts'
import type { BringForward, Owner } from './bring-forward.ts'
import { pausedDeferralMs } from './schedule-delivery.ts'

/** After changes that let more through, such as a resume, what waits in the calendar is brought forward. */
export interface WatchedChanges {
  changed(subscription: Owner): void
  stop(): void
}

export interface WatchChangesOptions {
  readonly configuration: Configuration
  readonly peers: Pick<Peers, 'owns' | 'team'>
  readonly bringForward: BringForward
}

const lookEveryMs = 1_000

interface Change {
  readonly subscription: Owner
  /** Milliseconds since the epoch. */
  readonly at: number
  isOurs: boolean
}

/**
 * One of the dispatchers sees to each change, and all name the same one; that two do it now and then does no harm. That one
 * may be gone already, unknown to the others, or die before it is done. So changes are remembered for as long as what was paused
 * may wait: whoever is named next begins anew, and so does who starts.
 */
export function watchChanges({ configuration, peers, bringForward }: WatchChangesOptions): WatchedChanges {
  /** The oldest first. */
  const changes = new Map<string, Change>()
  let { team } = peers

  const see = (change: Change): void => {
    const wasOurs = change.isOurs
    change.isOurs = peers.owns(change.subscription.id)
    if (change.isOurs && !wasOurs) bringForward(change.subscription)
  }
  const remember = ({ id, tenant }: Owner, at: number): void => {
    const change = { subscription: { id, tenant }, at, isOurs: false }
    changes.delete(id)
    changes.set(id, change)
    see(change)
  }

  const since = Date.now() - pausedDeferralMs
  for (const { id: tenant } of configuration.tenants()) {
    for (const subscription of configuration.subscriptions(tenant).values()) {
      const { createdAt, updatedAt, paused } = subscription
      if (updatedAt > since && updatedAt > createdAt && !paused) remember(subscription, updatedAt)
    }
  }
  const looking = setInterval(() => {
    const before = Date.now() - pausedDeferralMs
    for (const [id, { at }] of changes) {
      if (at > before) break
      changes.delete(id)
    }
    if (peers.team === team) return
    team = peers.team
    for (const change of changes.values()) see(change)
  }, lookEveryMs)

  return {
    changed: (subscription) => remember(subscription, Date.now()),
    stop: () => clearInterval(looking),
  }
}
