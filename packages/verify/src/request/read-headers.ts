import type { HeadersInput } from './request.ts'

/** A header's value without white space around it, by its name in any case. A repeated header's values are joined by ", ". */
export type HeaderLookup = (name: string) => string | undefined

export function readHeaders(headers: HeadersInput): HeaderLookup {
  const values = new Map<string, string>()
  const add = (name: string, value: string): void => {
    const key = name.toLowerCase()
    const before = values.get(key)
    values.set(key, before === undefined ? value.trim() : `${before}, ${value.trim()}`)
  }
  if (isHeaders(headers)) headers.forEach((value, name) => add(name, value))
  else {
    for (const [name, value] of Object.entries(headers ?? {})) {
      if (typeof value === 'string') add(name, value)
      else for (const one of value ?? []) add(name, one)
    }
  }
  return (name) => values.get(name.toLowerCase())
}

function isHeaders(headers: HeadersInput): headers is Extract<HeadersInput, { forEach: unknown }> {
  return typeof headers?.forEach === 'function'
}
