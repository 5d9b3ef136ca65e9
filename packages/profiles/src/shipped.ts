import type { Profile } from '@jethook/contracts'
import { lumirecrm } from './lumirecrm.ts'

/** The profiles that come with Jethook, by name. */
export const shippedProfiles: ReadonlyMap<string, Profile> = new Map([[lumirecrm.name, lumirecrm]])

/** The event type of test events. Every catalogue has it. */
export const testEventType = 'webhook.test'

/** Whether a producer of a tenant with this profile may publish this event type. */
export function isKnownEventType(profile: Profile, eventType: string): boolean {
  return eventType === testEventType || namesOf(profile).has(eventType)
}

const namesByProfile = new WeakMap<Profile, ReadonlySet<string>>()

function namesOf(profile: Profile): ReadonlySet<string> {
  let names = namesByProfile.get(profile)
  if (!names) {
    names = new Set(profile.eventTypes.map(({ name }) => name))
    namesByProfile.set(profile, names)
  }
  return names
}
