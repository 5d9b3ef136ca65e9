import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { healthSubject, MessageHeader, StreamName } from '@jethook/contracts'
import { messageHeaders, PublishError, type Broker } from '@jethook/runtime'
import { z } from 'zod'
import { Condition } from './condition.ts'

const compress = promisify(gzip)
const decompress = promisify(gunzip)

const Snapshot = z.object({
  /** The last message of ATTEMPTS that is folded in. */
  position: z.int(),
  conditions: z.array(z.tuple([z.string(), Condition])),
})
export type Snapshot = z.infer<typeof Snapshot>

/** Keeps the conditions of all subscriptions, so that a restart goes on where it was. */
export interface Snapshots {
  load(): Promise<Snapshot | undefined>
  /** Unless another replica's is further. */
  save(snapshot: Snapshot): Promise<void>
}

export function createSnapshots({ manager, publisher }: Broker): Snapshots {
  let sequence = 0

  const load = async (): Promise<Snapshot | undefined> => {
    const message = await manager.streams.getMessage(StreamName.progress, { last_by_subj: healthSubject })
    // Emptied, or made anew, the stream expects the first one again.
    sequence = message?.seq ?? 0
    if (!message) return undefined
    return Snapshot.parse(JSON.parse((await decompress(message.data)).toString('utf8')))
  }

  const save = async (snapshot: Snapshot): Promise<void> => {
    const data = await compress(JSON.stringify(snapshot))
    const header = messageHeaders({ [MessageHeader.expectedLastSequence]: String(sequence) })
    try {
      sequence = (await publisher.publish(healthSubject, data, header)).sequence
    } catch (error) {
      if (!(error instanceof PublishError && error.code === 'wrong_last_sequence')) throw error
      // Both replicas fold the same stream the same way: whoever is further, is right.
      const other = await load()
      if (!other || other.position < snapshot.position) await save(snapshot)
    }
  }
  return { load, save }
}
