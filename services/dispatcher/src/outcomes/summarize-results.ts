import { isOperationalEventType, type DeliveryOutcome, type SubscriptionResults } from '@jethook/contracts'
import { testEventType } from '@jethook/profiles'
import { neverArrived } from '../attempt/never-arrived.ts'

/**
 * How the attempts of a batch went, per subscription, in a few words: who watches the health of subscriptions reads these
 * and not the batch, which is a hundred times longer.
 */
export class ResultsSummary {
  readonly #bySubscription = new Map<string, SubscriptionResults>()

  get isEmpty(): boolean {
    return this.#bySubscription.size === 0
  }

  /** In the order in which the outcomes are stored. */
  add({ subscriptionId, tenant, deliveryId, eventType, at, outcome, attempt, disables }: DeliveryOutcome): void {
    if (!attempt) return
    const results = this.#bySubscription.get(subscriptionId) ?? { tenant, subscriptionId }
    this.#bySubscription.set(subscriptionId, results)
    const isTest = eventType === testEventType
    const { startedAt } = attempt
    if (disables) results.disables = { why: disables, at, startedAt }
    if (outcome.type === 'delivered') {
      results.succeededAt = at
      // Whatever it is deleted from, V8 makes a dictionary of.
      if (results.failures) {
        delete results.failures
        delete results.failuresStartedAt
      }
      if (isTest) results.testedAt = startedAt
    } else if (!isTest && !isOperationalEventType(eventType)) {
      // Failures of notices do not count: they would bring about further notices, and those fail again.
      results.failures ??= []
      results.failuresStartedAt ??= []
      // Of an event that blocks its subscription there is one delivery: what shows that it is not to blame must count.
      results.failures.push([neverArrived(attempt) ? attempt.id : deliveryId, at])
      results.failuresStartedAt.push(startedAt)
    }
  }

  toString(): string {
    return JSON.stringify([...this.#bySubscription.values()])
  }
}
