import { z } from 'zod'

/** What a list is searched for. */
export const SearchText: z.ZodType<string, string> = z.string().regex(/^[^\0]*$/, 'must not hold NUL')

/** Lists come in pages: pass `nextCursor` as `cursor` to get the next one, until it is null. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Entries per page.'),
  cursor: z.string().max(500).optional().describe('The nextCursor of the page before.'),
}

export const pageOf = <T extends z.ZodType>(
  item: T,
): z.ZodObject<{ data: z.ZodArray<T>; nextCursor: z.ZodNullable<z.ZodString> }> =>
  z.object({ data: z.array(item), nextCursor: z.string().nullable() })
