import type { Publish } from '../load/publish-burst.ts'
import type { ProcessGroups } from '../measure/usage.ts'

/** A way to bring events to receivers, set up and ready; deliveries are spread over the receiver's addresses. */
export interface Contender {
  readonly name: string
  /** So many deliveries are made of each event. Their endpoints have the numbers from 0 on. */
  readonly fanOut: number
  readonly publish: Publish
  /** Its processes by what they are; without the receiver's and the bench's own. */
  processes(): ProcessGroups
  /**
   * Resolves when all that it does about these deliveries is done: outcomes stored, and where it has a log, in the log.
   * Rejects when anything is missing.
   */
  settled(deliveries: number): Promise<void>
  /** How many deliveries could not be made when they came, so far. */
  deferrals?(): Promise<number>
  /** Where there is a database: what it wrote so far, by its own count. */
  databaseWrites?(): Promise<number>
  stop(): Promise<void>
}
