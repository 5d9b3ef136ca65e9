/** Milliseconds since the epoch as resources show it: `2026-11-21T22:00:00.000Z`. */
export const isoTime = (timeMs: number): string => new Date(timeMs).toISOString()

export const isoTimeOrNull = (timeMs: number | null): string | null => (timeMs === null ? null : isoTime(timeMs))
