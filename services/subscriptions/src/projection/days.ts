const dayMs = 86_400_000

/** The day (UTC) in which a time lies, as the time of its beginning. All times are milliseconds since the epoch. */
export const dayOf = (timeMs: number): number => timeMs - (((timeMs % dayMs) + dayMs) % dayMs)

export const dayAfter = (day: number): number => day + dayMs

/** `2026-11-21` */
export const nameOfDay = (day: number): string => new Date(day).toISOString().slice(0, 10)

/** The name of a day's partition: `events_20261121`. */
export const partitionName = (table: string, day: number): string => `${table}_${nameOfDay(day).replaceAll('-', '')}`

/** The day of a partition of this table by its name; undefined when it is not one of ours. */
export function dayOfPartition(table: string, partition: string): number | undefined {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(partition.slice(table.length + 1)) ?? []
  return partition.startsWith(`${table}_`) && year ? Date.parse(`${year}-${month}-${day}T00:00:00Z`) : undefined
}
