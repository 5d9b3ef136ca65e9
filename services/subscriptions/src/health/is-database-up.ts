import { sql } from 'slonik'
import { z } from 'zod'
import type { Database } from '../database/open-database.ts'
import { within } from './within.ts'

/** A reader of metrics should not wait for the time-outs of a connection. */
const patienceMs = 1_000

export function isDatabaseUp({ pool }: Database): Promise<boolean> {
  const asked = pool.query(sql.type(z.object({ up: z.literal(1) }))`SELECT 1 AS up`)
  return within(patienceMs, asked).then(
    () => true,
    () => false,
  )
}
