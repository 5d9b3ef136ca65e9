import type { EventContent } from './event-content.ts'

/** The user that an event is about: the one its producer named, else the one at the pointer (RFC 6901) in its payload. */
export function userOf({ payload, user }: EventContent, pointer: string | null): string | undefined {
  if (user !== undefined || pointer === null) return user
  const found = valueAt(JSON.parse(Buffer.from(payload).toString('utf8')), pointer)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined
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
