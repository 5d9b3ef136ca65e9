import { ProblemError, type Profile } from '@jethook/contracts'

/** The event types a subscription asks for, each once. Throws `unknown_event_type` for those that nobody fires. */
export function chooseEvents(events: readonly string[], profile: Profile): string[] {
  const catalogue = new Set(profile.eventTypes.map(({ name }) => name))
  const errors = events.flatMap((name, index) =>
    catalogue.has(name) ? [] : { field: `events[${index}]`, message: `"${name}" is not in the catalogue` },
  )
  const [first] = errors
  if (!first) return [...new Set(events)]
  throw new ProblemError(
    'unknown_event_type',
    `${first.field}: ${first.message}. GET /v1/event-types lists the event types there are.`,
    { errors },
  )
}
