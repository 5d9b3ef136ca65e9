/** Fields that were left out are not there, rather than undefined. */
export type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> }

export function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>
}

/** Settings in the form in which they are stored: times as milliseconds since the epoch. */
export function readSettings<T extends { readonly expiresAt?: string | null | undefined }>({
  expiresAt,
  ...fields
}: T): Given<Omit<T, 'expiresAt'>> & { expiresAt?: number | null } {
  const time = typeof expiresAt === 'string' ? Date.parse(expiresAt) : expiresAt
  return { ...given(fields), ...(time !== undefined && { expiresAt: time }) }
}
