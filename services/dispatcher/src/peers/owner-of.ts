import { createHash } from 'node:crypto'

/**
 * Which of the dispatchers takes care of something that only one should do. All that know the same dispatchers name
 * the same one, and when one comes or goes only what it owns changes hands ("rendezvous hashing").
 */
export function ownerOf(key: string, dispatchers: readonly string[]): string | undefined {
  let owner: string | undefined
  let highest = ''
  for (const id of dispatchers) {
    const weight = createHash('sha1').update(`${key}\0${id}`).digest('hex')
    if (weight > highest) [owner, highest] = [id, weight]
  }
  return owner
}
