import type { CompiledProfile } from '../profile/compile-profile.ts'
import type { FactName } from '../profile/profile.ts'
import { matchPattern } from '../profile/template.ts'
import type { HeaderLookup } from './read-headers.ts'

export type Facts = ReadonlyMap<FactName, string>

/** The facts in the profile's headers, exactly as sent. */
export function factsInHeaders({ headers }: CompiledProfile, header: HeaderLookup): Facts {
  const facts = new Map<FactName, string>()
  for (const { name, pattern } of headers) {
    const value = header(name)
    const text = value === undefined ? undefined : matchPattern(pattern, value)
    if (text !== undefined) facts.set(pattern.fact, text)
  }
  return facts
}

/** The facts in the parsed body. A field that is missing, or neither text nor an exact whole number, is left out. */
export function factsInBody({ bodyFields }: CompiledProfile, json: unknown): Facts {
  const facts = new Map<FactName, string>()
  for (const [fact, path] of bodyFields) {
    const value = path.reduce(fieldOf, json)
    if (typeof value === 'string' || Number.isSafeInteger(value)) facts.set(fact, String(value))
  }
  return facts
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name]
}
