import { isUtf8 } from 'node:buffer'
import type { Rejection } from './submission.ts'

/** Whether these bytes are a JSON text (RFC 8259): UTF-8, no byte order mark. Undefined: they are. */
export function validateJson(bytes: Uint8Array): Rejection | undefined {
  if (!isUtf8(bytes)) return { code: 'invalid_json', reason: 'The payload is not UTF-8.' }
  try {
    JSON.parse(textOf(bytes))
    return undefined
  } catch (error) {
    return { code: 'invalid_json', reason: `The payload is not JSON: ${(error as SyntaxError).message}.` }
  }
}

/** Without copying, and with a byte order mark left in for JSON.parse to refuse. */
const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
