import type { z } from 'zod'
import { DomainEvent } from './domain-events.ts'

/** A kind of domain event that only a newer version knows. */
export class UnknownDomainEventError extends Error {
  override readonly name = 'UnknownDomainEventError'
}

/**
 * Reads a message of CONFIG. Fields that this version does not know are left out: a newer one may have added them, and in
 * the middle of an upgrade both run. Throws UnknownDomainEventError for a kind of event that it does not know, and what the
 * schema says for what is no domain event at all.
 */
export function readDomainEvent(value: unknown): DomainEvent {
  for (;;) {
    const result = DomainEvent.safeParse(value)
    if (result.success) return result.data
    if (isUnknownKind(value)) throw new UnknownDomainEventError(`"${value.type}" is not known to this version.`)
    const unknown = result.error.issues.filter((issue) => issue.code === 'unrecognized_keys')
    if (unknown.length === 0) throw result.error
    for (const issue of unknown) forget(value, issue)
  }
}

const kinds = new Set<unknown>(DomainEvent.options.map((option) => option.shape.type.value))

const isUnknownKind = (value: unknown): value is { type: string } =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  typeof value.type === 'string' &&
  !kinds.has(value.type)

function forget(value: unknown, { path, keys }: z.core.$ZodIssueUnrecognizedKeys): void {
  let holder = value as Record<PropertyKey, unknown>
  for (const key of path) holder = holder[key] as Record<PropertyKey, unknown>
  for (const key of keys) delete holder[key]
}
