import { EventType, isOperationalEventType, type CatalogueEntry, type Profile } from '@jethook/contracts'

/** The event type of test events. Every catalogue has it. */
export const testEventType = 'webhook.test'

/** Whether a producer of a tenant with this profile may publish this event type. */
export function isKnownEventType(profile: Profile, eventType: string): boolean {
  if (eventType === testEventType || catalogueOf(profile).has(eventType)) return true
  if (isOperationalEventType(eventType)) return false
  return profile.catalogue === 'open' && EventType.safeParse(eventType).success
}

/** What the catalogue says of an event type. */
export const catalogueEntry = (profile: Profile, eventType: string): CatalogueEntry | undefined =>
  catalogueOf(profile).get(eventType)

const catalogues = new WeakMap<Profile, ReadonlyMap<string, CatalogueEntry>>()

function catalogueOf(profile: Profile): ReadonlyMap<string, CatalogueEntry> {
  let catalogue = catalogues.get(profile)
  if (!catalogue) {
    catalogue = new Map(profile.eventTypes.map((entry) => [entry.name, entry]))
    catalogues.set(profile, catalogue)
  }
  return catalogue
}
