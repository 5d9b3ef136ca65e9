/** Postgres knows no text with NUL: what is asked for by such an id does not exist, and must not be asked for. */
export const isPossibleId = (id: string): boolean => !id.includes('\0')
