import { isOperationalEventType } from '@jethook/contracts'
import type { Subscription } from './model.ts'

/** A tenant's active subscriptions by what they chose: event types, `*`, or patterns like `user.*`. */
export class SubscriptionIndex {
  readonly #byChoice = new Map<string, Map<string, Subscription>>()
  /** How many choices are `*` or patterns: without any, matching is a single look-up. */
  #patterns = 0

  replace(before: Subscription | undefined, after: Subscription | undefined): void {
    if (before?.active) for (const choice of new Set(before.events)) this.#remove(choice, before.id)
    if (after?.active) for (const choice of new Set(after.events)) this.#add(choice, after)
  }

  /** Each once, however many of its choices match. */
  matching(eventType: string): Iterable<Subscription> {
    const byName = this.#byChoice.get(eventType)
    if (this.#patterns === 0) return byName?.values() ?? []
    const found = new Map<string, Subscription>(byName)
    for (const pattern of patternsFor(eventType)) {
      for (const [id, subscription] of this.#byChoice.get(pattern) ?? []) found.set(id, subscription)
    }
    return found.values()
  }

  #add(choice: string, subscription: Subscription): void {
    const chosen = this.#byChoice.get(choice)
    if (chosen) chosen.set(subscription.id, subscription)
    else this.#byChoice.set(choice, new Map([[subscription.id, subscription]]))
    if (isPattern(choice)) this.#patterns++
  }

  #remove(choice: string, id: string): void {
    const chosen = this.#byChoice.get(choice)
    chosen?.delete(id)
    if (chosen?.size === 0) this.#byChoice.delete(choice)
    if (isPattern(choice)) this.#patterns--
  }
}

/** Whether a subscription chose an event type, by name or by pattern. */
export function choosesEvent({ events }: { readonly events: readonly string[] }, eventType: string): boolean {
  return events.includes(eventType) || patternsFor(eventType).some((pattern) => events.includes(pattern))
}

/** Event types have no asterisks. */
const isPattern = (choice: string): boolean => choice.endsWith('*')

/** `user.role.changed` is in `*`, `user.*` and `user.role.*`. What Jethook itself tells is not in `*`. */
function patternsFor(eventType: string): string[] {
  const patterns = isOperationalEventType(eventType) ? [] : ['*']
  for (let dot = eventType.indexOf('.'); dot >= 0; dot = eventType.indexOf('.', dot + 1))
    patterns.push(`${eventType.slice(0, dot)}.*`)
  return patterns
}
