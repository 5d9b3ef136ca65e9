import { Fifo } from './fifo.ts'

/** Begins pieces of work, a few in each turn of the event loop. */
export interface Turns<T> {
  /** Begins it now, or behind those that wait. */
  add(item: T): void
  /** How many wait. */
  readonly waiting: number
}

/**
 * As many pieces as an event loop turn begins. While work comes faster than it can be done, everything that was begun
 * competes with everything else for the same CPU: thousands of requests under way are no faster than a few dozen, but
 * each takes longer, keeps its objects alive until the garbage collector has copied them, and has a connection of its
 * own. Endpoints that are slow do not count: the loop turns while they are waited for.
 */
export const startsPerTurn = 32

export function takeTurns<T>(begin: (item: T) => void, perTurn: number = startsPerTurn): Turns<T> {
  const waiting = new Fifo<T>()
  let begun = 0
  let isTurnComing = false

  const beginCounted = (item: T): void => {
    begun++
    begin(item)
    if (isTurnComing) return
    isTurnComing = true
    setImmediate(turn)
  }
  const turn = (): void => {
    isTurnComing = false
    begun = 0
    const end = Math.min(waiting.length, perTurn)
    for (let started = 0; started < end; started++) beginCounted(waiting.shift() as T)
  }
  return {
    get waiting() {
      return waiting.length
    },
    add(item) {
      if (begun < perTurn && waiting.length === 0) beginCounted(item)
      else waiting.push(item)
    },
  }
}
