import { createHash } from 'node:crypto'
import type { Configuration, Subscription } from '@jethook/configuration'
import {
  byJethook,
  createId,
  MessageHeader,
  operationsSubject,
  type DisablePolicy,
  type OperationalEvent,
} from '@jethook/contracts'
import { messageHeaders, type Publisher } from '@jethook/runtime'
import type { AppendDecision } from '../append/append-decision.ts'
import { disableSubscription } from '../decide/disable-subscription.ts'
import { enableAfterTest } from '../decide/enable-subscription.ts'
import type { Condition } from './condition.ts'
import { percentOf } from './streak.ts'

/**
 * Does what a condition asks for, and returns what is left of it. Doing it twice, here or in another replica, does no
 * harm: what was decided already is not decided again, and what was told already is recognised. Throws when it could not
 * be done now.
 */
export type ActOnCondition = (subscriptionId: string, condition: Condition) => Promise<Condition | undefined>

export interface ActOnConditionOptions {
  readonly configuration: Configuration
  readonly append: AppendDecision
  readonly publisher: Publisher
}

export function createActOnCondition({ configuration, append, publisher }: ActOnConditionOptions): ActOnCondition {
  return async (subscriptionId, { testedAt, disables, ...condition }) => {
    const { tenant, streak } = condition
    const command = { tenant, by: byJethook, subscriptionId }
    const history = { firstFailureAt: streak?.firstFailureAt ?? null, failures: streak?.failures ?? 0 }

    if (disables) {
      const { why: reason, at, startedAt: attemptedAt = at } = disables
      await append(tenant, (state) =>
        disableSubscription({ ...command, at: Date.now(), reason, ...history, attemptedAt }, state),
      )
    }
    // The latest word of the receiver counts, and a test may be answered with that very wish.
    const isWanted = !disables || (disables.startedAt ?? disables.at) < (testedAt ?? 0)
    if (testedAt !== undefined && isWanted)
      await append(tenant, (state) => enableAfterTest({ ...command, at: Date.now(), testedAt }, state))

    const subscription = configuration.subscription(tenant, subscriptionId)
    const policy = configuration.profileOf(tenant)?.disable
    if (!streak || !subscription?.active || streak.firstFailureAt < subscription.activeSince) return undefined
    if (!policy) return condition
    const percent = percentOf(streak, policy)
    if (percent < 100) {
      const reached = Math.max(0, ...policy.noticeAtPercent.filter((notice) => notice <= percent))
      if (reached <= condition.toldPercent) return condition
      await tell(publisher, failingNotice(subscription, condition, policy, reached))
      return { ...condition, toldPercent: reached }
    }
    const attemptedAt = streak.firstFailureAt
    await append(tenant, (state) =>
      disableSubscription({ ...command, at: Date.now(), reason: 'failing', ...history, attemptedAt }, state),
    )
    return undefined
  }
}

function failingNotice(
  { id: subscriptionId, tenant, url }: Subscription,
  { streak }: Condition,
  policy: DisablePolicy,
  percent: number,
): OperationalEvent {
  const { failures = 0, firstFailureAt = 0, lastFailureAt = 0 } = streak ?? {}
  const what = createHash('sha256').update(`${subscriptionId}\0${firstFailureAt}\0${percent}`).digest()
  return {
    type: 'webhook.failing',
    id: createId('evt', firstFailureAt, what),
    tenant,
    at: lastFailureAt,
    subscriptionId,
    url,
    percent,
    streak: {
      consecutiveFailures: failures,
      threshold: policy.consecutiveFailures,
      failingSince: firstFailureAt,
    },
  }
}

/** Rejects with PublishError. */
export async function tell(publisher: Publisher, event: OperationalEvent): Promise<void> {
  const header = messageHeaders({ [MessageHeader.messageId]: event.id })
  await publisher.publish(operationsSubject(event.tenant, event.type), JSON.stringify(event), header)
}
