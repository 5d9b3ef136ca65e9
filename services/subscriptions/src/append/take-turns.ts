/** Runs work of the same key one after the other, in the order of the calls; work of different keys side by side. */
export type TakeTurns = <T>(key: string, work: () => Promise<T>) => Promise<T>

export function createTurns(): TakeTurns {
  const lastTurns = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const turn = (lastTurns.get(key) ?? Promise.resolve()).then(work, work)
    lastTurns.set(key, turn)
    const forget = (): void => {
      if (lastTurns.get(key) === turn) lastTurns.delete(key)
    }
    turn.then(forget, forget)
    return turn
  }
}
