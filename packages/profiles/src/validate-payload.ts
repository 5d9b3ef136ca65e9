import type { Profile } from '@jethook/contracts'
import { catalogueEntry } from './catalogue.ts'
import { compileSchema, type CompiledSchema } from './payload-schema.ts'

/** Where a payload breaks the schema of its event type: a path such as `lines[3].amount`, or '' for the whole. */
export interface PayloadViolation {
  readonly path: string
  readonly message: string
}

/** Whether the catalogue says what this event type's payloads look like. */
export const hasPayloadSchema = (profile: Profile, eventType: string): boolean =>
  catalogueEntry(profile, eventType)?.schema !== undefined

/** What is wrong with a payload. Undefined: nothing, or nothing is said about its event type. */
export function validatePayload(profile: Profile, eventType: string, payload: unknown): PayloadViolation | undefined {
  const violation = schemaOf(profile, eventType)?.check(payload)
  return violation && { path: pathOfPointer(violation.pointer), message: violation.message }
}

const compiledSchemas = new WeakMap<Profile, Map<string, CompiledSchema>>()

/** Compiled when the first payload of an event type comes, once per profile document. */
function schemaOf(profile: Profile, eventType: string): CompiledSchema | undefined {
  const schema = catalogueEntry(profile, eventType)?.schema
  if (schema === undefined) return undefined
  let byType = compiledSchemas.get(profile)
  if (!byType) {
    byType = new Map()
    compiledSchemas.set(profile, byType)
  }
  let compiled = byType.get(eventType)
  if (!compiled) {
    compiled = compileSchema(schema)
    byType.set(eventType, compiled)
  }
  return compiled
}

/** `/lines/3/amount` to `lines[3].amount`. */
export function pathOfPointer(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : `${index ? '.' : ''}${part}`))
    .join('')
}
