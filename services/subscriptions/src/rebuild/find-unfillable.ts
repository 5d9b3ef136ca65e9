import { StreamName } from '@jethook/contracts'
import type { Broker } from '@jethook/runtime'
import { sql, type CommonQueryMethods, type FragmentSqlToken, type QuerySqlToken } from 'slonik'
import { z } from 'zod'
import { readPosition } from '../projection/positions.ts'

/** Rows that no message of the stream would bring back. */
export interface Unfillable {
  readonly table: string
  readonly stream: string
  readonly rows: number
}

interface Missing {
  /** The first sequence that the stream still has. */
  readonly firstSequence: number
  /** When that was stored; now, when there is none. As are the others, milliseconds since the epoch. */
  readonly firstAt: number
  /** Rows older than that are about to be dropped anyway. */
  readonly keptSince: number
}

const Count = z.object({ rows: z.int() })
type CountRows = (missing: Missing) => QuerySqlToken<typeof Count>

const iso = (timeMs: number): string => new Date(timeMs).toISOString()

/** Clocks of hosts differ, and storing an outcome takes a while. */
const slackMs = 60_000

/** ATTEMPTS is told by time: its rows know nothing of sequences. */
const tables: readonly { readonly table: string; readonly stream: string; readonly count: CountRows }[] = [
  {
    table: 'config_changes',
    stream: StreamName.config,
    count: ({ firstSequence }) =>
      sql.type(Count)`SELECT count(*) AS rows FROM config_changes WHERE sequence < ${firstSequence}`,
  },
  {
    table: 'events',
    stream: StreamName.events,
    count: ({ firstSequence, keptSince }) => sql.type(Count)`
      SELECT count(*) AS rows FROM events WHERE accepted_at > ${iso(keptSince)} AND sequence < ${firstSequence}`,
  },
  {
    table: 'rejected_events',
    stream: StreamName.rejected,
    count: ({ firstSequence, keptSince }) => sql.type(Count)`
      SELECT count(*) AS rows FROM rejected_events
      WHERE rejected_at > ${iso(keptSince)} AND sequence < ${firstSequence}`,
  },
  {
    table: 'deliveries',
    stream: StreamName.attempts,
    count: ({ firstAt, keptSince }) => sql.type(Count)`
      SELECT count(*) AS rows FROM deliveries
      WHERE accepted_at > ${iso(keptSince)} AND updated_at < ${iso(firstAt - slackMs)}`,
  },
  {
    table: 'attempts',
    stream: StreamName.attempts,
    count: ({ firstAt, keptSince }) => sql.type(Count)`
      SELECT count(*) AS rows FROM attempts
      WHERE accepted_at > ${iso(keptSince)} AND accepted_at < ${iso(firstAt)}
        AND ${numberIn('startedAt')} + ${numberIn('durationMs')} < ${firstAt - slackMs}`,
  },
]

/**
 * A member of an attempt. Postgres' JSON knows no NUL and no halves of characters, which receivers may answer; in what
 * they answer the quotes of such a member are escaped.
 */
function numberIn(member: string): FragmentSqlToken {
  return sql.fragment`substring(attempt FROM ${`"${member}": ?([0-9.e+-]+)`})::float8`
}

/** What a rebuild would lose: rows within the retention that are older than what their stream still has. */
export async function findUnfillable(
  { manager }: Pick<Broker, 'manager'>,
  database: CommonQueryMethods,
  retentionMs: number,
): Promise<Unfillable[]> {
  const now = Date.now()
  const keptSince = now - retentionMs + slackMs
  const found: Unfillable[] = []
  for (const { table, stream, count } of tables) {
    const { state } = await manager.streams.info(stream)
    // A stream that ends before the tables do was made anew: nothing in it is theirs.
    const isAnother = state.last_seq < (await readPosition(database, stream))
    const firstSequence = isAnother ? Number.MAX_SAFE_INTEGER : state.first_seq
    if (firstSequence <= 1) continue
    const firstAt = isAnother || state.messages === 0 ? now + slackMs : Date.parse(state.first_ts)
    const rows = await database.oneFirst(count({ firstSequence, firstAt, keptSince }))
    if (rows > 0) found.push({ table, stream, rows })
  }
  return found
}
