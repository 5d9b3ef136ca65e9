import type { StreamMessage } from './projection.ts'

/** Throws when the message is not JSON. */
export function readJson({ data }: StreamMessage): unknown {
  return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8')) as unknown
}
