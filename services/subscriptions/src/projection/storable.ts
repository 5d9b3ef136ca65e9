/** The text as Postgres can hold it: it knows no NUL, neither in text nor in JSON, and no half of a surrogate pair. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}

/** The same for every text in a JSON value. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storableText(part) : part))
}

/** The same where there may be none. */
export const storableJsonOrNull = (value: unknown): string | null => (value === null ? null : storableJson(value))
