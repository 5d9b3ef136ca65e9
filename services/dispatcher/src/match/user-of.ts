import type { EventContent } from './event-content.ts'

/** The user that an event is about: the one its producer named, else the one at the pointer (RFC 6901) in its payload. */
export function userOf(event: EventContent, pointer: string | null): string | undefined {
  if (event.user !== undefined || pointer === null) return event.user
  const known = found.get(event)
  if (known?.pointer === pointer) return known.user
  const user = userAt(event, pointer)
  found.set(event, { pointer, user })
  return user
}

/** A tenant may have a thousand apps, all with one profile: each asks for the same. */
const found = new WeakMap<EventContent, { readonly pointer: string; readonly user: string | undefined }>()

function userAt({ payload }: EventContent, pointer: string): string | undefined {
  const json = Buffer.from(payload).toString('utf8')
  const value = valueAt(JSON.parse(json), pointer)
  if (typeof value === 'string') return value
  if (typeof value !== 'number') return undefined
  // Rounded, one user would be taken for another.
  return Number.isSafeInteger(value) ? String(value) : digitsAt(json, pointer)
}

/** A number as it is written. */
function digitsAt(json: string, pointer: string): string | undefined {
  const asWritten = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' ? context?.source : value
  try {
    return valueAt(JSON.parse(json, asWritten), pointer) as string | undefined
  } catch {
    // Asked about each value, JSON.parse does not get to the bottom of what is nested very deeply.
    return undefined
  }
}

function valueAt(document: unknown, pointer: string): unknown {
  let value = document
  for (const token of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (!Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}
