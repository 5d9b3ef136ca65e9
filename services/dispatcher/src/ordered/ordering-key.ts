import { createHash } from 'node:crypto'

/** Many are held in memory at a time: what is longer is known by its hash. */
const longestKey = 64

/**
 * The ordering key of an event: the value in its payload at a JSON Pointer (RFC 6901). Events without one, and those that
 * are no JSON, have the same: ''. A value that is no text counts as its JSON, or as none when it is nested so deeply that
 * this cannot be written.
 */
export function orderingKey(payload: Uint8Array, pointer: string): string {
  let key: string
  try {
    key = keyAt(payload, pointer)
  } catch {
    return ''
  }
  return key.length <= longestKey ? key : createHash('sha256').update(key).digest('base64')
}

function keyAt(payload: Uint8Array, pointer: string): string {
  let value: unknown = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8'))
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return ''
    value = (value as Record<string, unknown>)[name]
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}
