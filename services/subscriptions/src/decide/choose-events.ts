import { EventType, isOperationalEventType, ProblemError, type Profile } from '@jethook/contracts'

/**
 * What a subscription asks for, each once: event types, and where the profile has them `*` and patterns like `user.*`.
 * Throws `unknown_event_type` for what nobody fires.
 */
export function chooseEvents(events: readonly string[], profile: Profile): string[] {
  if (profile.filter === 'none') return everything(events, profile)
  const catalogue = new Set(profile.eventTypes.map(({ name }) => name))
  const errors = events.flatMap((choice, index) => {
    const problem = isChoice(choice, profile, catalogue) ? undefined : problemWith(choice, profile)
    return problem === undefined ? [] : { field: `events[${index}]`, message: problem }
  })
  const [first] = errors
  if (!first) return [...new Set(events)]
  throw new ProblemError(
    'unknown_event_type',
    `${first.field}: ${first.message}. GET /v1/event-types lists the event types there are.`,
    { errors },
  )
}

/** Whether a choice of a subscription takes in an event type. */
export const isChosen = (choice: string, eventType: string): boolean =>
  choice.endsWith('*') ? eventType.startsWith(choice.slice(0, -1)) : choice === eventType

const patternForm = /^([A-Za-z0-9_-]+\.)*\*$/

function isChoice(choice: string, profile: Profile, catalogue: ReadonlySet<string>): boolean {
  if (catalogue.has(choice) || isOperationalEventType(choice)) return true
  if (profile.filter === 'wildcards' && patternForm.test(choice))
    return profile.catalogue === 'open' || [...catalogue].some((name) => isChosen(choice, name))
  return profile.catalogue === 'open' && EventType.safeParse(choice).success
}

const problemWith = (choice: string, { filter }: Profile): string =>
  choice.endsWith('*') && filter === 'names'
    ? `"${choice}": events are chosen by their names here, not by patterns`
    : `"${choice}" is not in the catalogue`

function everything(events: readonly string[], { name }: Profile): string[] {
  if (events.length === 1 && events[0] === '*') return ['*']
  const message = `a webhook of the profile ${name} gets every event; there is nothing to choose but ["*"]`
  throw new ProblemError('invalid_request', `events: ${message}.`, { errors: [{ field: 'events', message }] })
}
