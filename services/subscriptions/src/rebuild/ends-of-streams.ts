import { StreamName } from '@jethook/contracts'
import type { Broker } from '@jethook/runtime'

const projected = [StreamName.config, StreamName.events, StreamName.attempts, StreamName.rejected]

/**
 * The sequence of the last message that each projected stream still holds; 0 when it holds none. What the stream calls
 * its last sequence may belong to a message that has expired, which no projection will ever reach.
 */
export async function endsOfStreams({ manager }: Broker): Promise<Map<string, number>> {
  const ends = new Map<string, number>()
  for (const stream of projected) {
    const last = await manager.streams.getMessage(stream, { last_by_subj: '>' })
    ends.set(stream, last?.seq ?? 0)
  }
  return ends
}
