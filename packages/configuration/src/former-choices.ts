import type { FormerChoice, Subscription } from './model.ts'

const none: readonly string[] = []
/** Of one that is switched on and off all the time, what it chose earlier counts as the earliest that is known. */
const remembered = 32

/** Keeps what an ordered subscription chose until the domain event of this sequence, which made it what it is now. */
export function rememberChoice(
  before: Subscription | undefined,
  after: Subscription | undefined,
  sequence: number,
): Subscription | undefined {
  if (!before || after?.inOrderFrom === undefined) return after
  if (after.active === before.active && after.events === before.events) return after
  const former = { events: choiceOf(before), until: sequence }
  return { ...after, formerChoices: [...(after.formerChoices ?? []), former].slice(-remembered) }
}

/** What a subscription chose when CONFIG had got that far; what it chooses now, where nobody knows how far that was. */
export function choiceAt(subscription: Subscription, configSequence: number | undefined): FormerChoice['events'] {
  const former =
    configSequence === undefined ? undefined : subscription.formerChoices?.find(({ until }) => configSequence < until)
  return former?.events ?? choiceOf(subscription)
}

/** All that it chose as far as is remembered, and what it chooses when it is active. */
export const choicesEver = ({ events, formerChoices = [] }: Subscription): ReadonlySet<string> =>
  new Set([...events, ...formerChoices.flatMap((former) => former.events)])

const choiceOf = ({ active, events }: Subscription): readonly string[] => (active ? events : none)
