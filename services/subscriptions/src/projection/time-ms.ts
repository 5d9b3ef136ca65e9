const last = Date.UTC(9999, 11, 30)

/** Whether it is milliseconds since the epoch that make a date of four-digit year. */
export const isTimeMs = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= last

/** The same, or a TypeError. */
export function timeMs(value: unknown): number {
  if (isTimeMs(value)) return value
  throw new TypeError(`${String(value)} is no time in milliseconds since the epoch.`)
}
